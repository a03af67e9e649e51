// Package planner turns a campaign's goal into a plan: a graph of tasks as data, by playbook (R7.1). It
// decides and holds no handles: values in, values out. Plans are never replayed code; planning again
// writes the next version (see Revise).
package planner

import (
	"encoding/json"
	"slices"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/platforms"
	"chimera/services/orchestrator/internal/planner/accept"
)

const (
	// MaxAccounts bounds a plan's width; the API allows as many.
	MaxAccounts = 50
	// DefaultSlot is how long a proposal stays worth publishing when the campaign does not say.
	DefaultSlot = 24 * time.Hour
)

// Account is a platform account that a campaign posts from.
type Account struct{ ID, Platform, Handle string }

// Campaign is all that planning and binding go by.
type Campaign struct {
	ID, AgentID, Goal, Playbook string
	Persona                     *platformv1.Persona
	PersonaVersion              int32
	Accounts                    []Account
	Params                      *platformv1.CampaignParameters
}

// Node is one step of a plan. It round-trips through JSON, so a plan version can be stored whole.
type Node struct {
	// Key is unique in the plan: the playbook's key, with ":" and the account's id behind it where the step
	// is done once per account.
	Key   string         `json:"key"`
	Title string         `json:"title"`
	Tool  string         `json:"tool"`
	Kind  busv1.TaskKind `json:"kind"`
	// Mode is how the step starts: effects are proposed first.
	Mode      busv1.TaskMode `json:"mode"`
	AccountID string         `json:"account_id,omitempty"`
	Platform  string         `json:"platform,omitempty"`
	DependsOn []string       `json:"depends_on,omitempty"`
	// Arguments is a template; Bind fills it when the dependencies are done.
	Arguments json.RawMessage `json:"arguments"`
	Accept    []accept.Rule   `json:"accept,omitempty"`
	// Timeout is for one attempt.
	Timeout time.Duration `json:"timeout"`
	// Delay is how long to wait after the dependencies are done.
	Delay time.Duration `json:"delay,omitempty"`
	// At is the earliest moment that a person set for an effect; nil means as soon as it is approved. It is proposed
	// before, so that people have time to decide.
	At *time.Time `json:"at,omitempty"`
	// Slot is how long an effect's proposal stays worth executing; 0 on other kinds.
	Slot        time.Duration `json:"slot,omitempty"`
	MaxAttempts int32         `json:"max_attempts"`
	Priority    int32         `json:"priority"`
	// Remarks are reviewers' words for a draft, oldest first, and PreviousText what they were about.
	Remarks      []string `json:"remarks,omitempty"`
	PreviousText string   `json:"previous_text,omitempty"`
	// ReviewedLater is true when every way of the output leads into an effect, whose proposal a person reads:
	// the Judge then leaves a doubt about it to that review instead of asking twice.
	ReviewedLater bool `json:"reviewed_later,omitempty"`
	// Revision counts how often the step has been planned, from 1.
	Revision int32 `json:"revision"`
}

// Plan expands the campaign's playbook, every dependency before its dependents. Errors: NotFound for an
// unknown playbook, Invalid for a campaign that it cannot be planned for.
func Plan(c Campaign) ([]Node, error) {
	book, ok := books[c.Playbook]
	if !ok {
		return nil, errs.Newf(errs.NotFound, typev1.Reason_REASON_NOT_FOUND, "there is no playbook %q; ListPlaybooks names them", c.Playbook)
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	var nodes []Node
	for _, step := range book.ordered {
		if !step.PerAccount {
			nodes = append(nodes, step.node(c, Account{}))
			continue
		}
		for _, a := range c.Accounts {
			nodes = append(nodes, step.node(c, a))
		}
	}
	markReviewedLater(nodes)
	return nodes, nil
}

// FirstTools names the tools of a playbook's steps that wait for nothing; none for an unknown playbook.
func FirstTools(playbook string) (tools []string) {
	book, ok := books[playbook]
	if !ok {
		return nil
	}
	for _, step := range book.ordered {
		if len(step.DependsOn) == 0 && !slices.Contains(tools, step.Tool) {
			tools = append(tools, step.Tool)
		}
	}
	return tools
}

func (c Campaign) validate() error {
	if c.Goal == "" {
		return invalid("the campaign has no goal; give it one")
	}
	if c.Persona == nil {
		return invalid("the campaign's agent has no persona; give it one")
	}
	if len(c.Accounts) == 0 || len(c.Accounts) > MaxAccounts {
		return invalid("a campaign needs 1 to %d accounts; this one has %d", MaxAccounts, len(c.Accounts))
	}
	seen := map[string]bool{}
	for _, a := range c.Accounts {
		if a.ID == "" || seen[a.ID] {
			return invalid("account %q is missing its id or named twice", a.ID)
		}
		seen[a.ID] = true
		if !slices.Contains(platforms.Names(), a.Platform) {
			return invalid("account %s is on %q; known platforms are %v", a.ID, a.Platform, platforms.Names())
		}
	}
	return nil
}

func invalid(format string, args ...any) error {
	return errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, format, args...)
}
