package planner

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

const maxSteps = 50

var (
	keyForm  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	toolForm = regexp.MustCompile(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`)
	kinds    = map[string]busv1.TaskKind{
		"read":   busv1.TaskKind_TASK_KIND_READ,
		"draft":  busv1.TaskKind_TASK_KIND_DRAFT,
		"effect": busv1.TaskKind_TASK_KIND_EFFECT,
	}
)

func (b *book) validate() error {
	if b.Name == "" || b.Title == "" || b.Description == "" {
		return errors.New("name, title and description are required")
	}
	if len(b.Nodes) == 0 || len(b.Nodes) > maxSteps {
		return fmt.Errorf("want 1 to %d nodes, have %d", maxSteps, len(b.Nodes))
	}
	steps := map[string]*step{}
	for i := range b.Nodes {
		s := &b.Nodes[i]
		if steps[s.Key] != nil {
			return fmt.Errorf("node %s stands twice", s.Key)
		}
		steps[s.Key] = s
	}
	for i := range b.Nodes {
		if err := b.Nodes[i].validate(steps); err != nil {
			return fmt.Errorf("node %s: %w", b.Nodes[i].Key, err)
		}
	}
	return b.sort()
}

func (s *step) validate(steps map[string]*step) error {
	switch {
	case !keyForm.MatchString(s.Key):
		return errors.New("a key is lower case letters, digits and _, at most 40")
	case s.Title == "":
		return errors.New("title is required")
	case !toolForm.MatchString(s.Tool):
		return fmt.Errorf(`tool %q is not of the form "skill.tool"`, s.Tool)
	case kinds[s.Kind] == busv1.TaskKind_TASK_KIND_UNSPECIFIED:
		return fmt.Errorf("unknown kind %q", s.Kind)
	case s.Kind == "effect" && !s.PerAccount:
		return errors.New("an effect acts for an account: per_account is required")
	case s.Timeout <= 0 || s.Timeout > 10*time.Minute:
		return errors.New("timeout must be above 0 and at most 10m")
	case s.MaxAttempts < 1 || s.MaxAttempts > 20:
		return errors.New("max_attempts must be 1 to 20")
	case s.Delay < 0:
		return errors.New("delay is negative")
	case s.DelayParam != "" && s.DelayParam != "metrics_after":
		return fmt.Errorf("unknown delay_param %q", s.DelayParam)
	}
	for _, r := range s.Accept {
		if err := r.Validate(); err != nil {
			return err
		}
	}
	s.shared = map[string]bool{}
	for i, key := range s.DependsOn {
		on := steps[key]
		switch {
		case on == nil:
			return fmt.Errorf("depends on %q, which does not exist", key)
		case slices.Contains(s.DependsOn[:i], key):
			return fmt.Errorf("depends on %q twice", key)
		case on.PerAccount && !s.PerAccount:
			// Revising one account must never redo another one's finished steps, as a join would.
			return fmt.Errorf("depends on the per-account step %q without being one", key)
		}
		s.shared[key] = !on.PerAccount
	}
	if err := s.validateTemplate(s.Arguments); err != nil {
		return err
	}
	var err error
	if s.template, err = json.Marshal(s.Arguments); err != nil {
		return fmt.Errorf("arguments: %w", err)
	}
	return nil
}

// sort orders the steps by dependency, keeping the file's order otherwise; a cycle is an error.
func (b *book) sort() error {
	placed := map[string]bool{}
	for len(b.ordered) < len(b.Nodes) {
		before := len(b.ordered)
		for _, s := range b.Nodes {
			ready := !slices.ContainsFunc(s.DependsOn, func(key string) bool { return !placed[key] })
			if ready && !placed[s.Key] {
				placed[s.Key] = true
				b.ordered = append(b.ordered, s)
			}
		}
		if len(b.ordered) == before {
			return errors.New("the nodes' dependencies form a cycle")
		}
	}
	return nil
}
