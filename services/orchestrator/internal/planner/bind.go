package planner

import (
	"encoding/json"
	"errors"
	"fmt"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/kit/platforms"
	"chimera/services/orchestrator/internal/planner/jsonpath"
)

// MaxArgumentsBytes is what a task's specification holds (bus/v1 TaskSpec.arguments_json).
const MaxArgumentsBytes = 256 << 10

// Output is what a finished step left behind.
type Output struct {
	// JSON is the result's output; of an effect, its execution's.
	JSON json.RawMessage
	// Method is the result's provenance method, for disclosure (R10.6).
	Method string
	// Tainted says that it holds text from outside.
	Tainted bool
}

// Bound is a node's arguments, ready for a task.
type Bound struct {
	// ArgumentsJSON is canonical: the same inputs give the same bytes.
	ArgumentsJSON []byte
	// Tainted is true when any output that went in was.
	Tainted bool
}

// Bind fills the node's template from the campaign and the outputs of its dependencies, by node key. It
// shortens only where the template says so. Errors: Conflict/WRONG_STATE when a dependency has no output
// yet, Invalid/OUTPUT_INVALID when an output lacks what is asked of it, Invalid/TOO_LARGE beyond
// MaxArgumentsBytes.
func Bind(n Node, c Campaign, outputs map[string]Output) (Bound, error) {
	template, err := jsonpath.Decode(n.Arguments)
	if err != nil {
		return Bound{}, fmt.Errorf("bind %s: template: %w", n.Key, err)
	}
	b := &binder{node: n, campaign: c, outputs: outputs, decoded: map[string]any{}}
	value, err := b.fill(template)
	if err != nil {
		return Bound{}, fmt.Errorf("bind %s: %w", n.Key, err)
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return Bound{}, fmt.Errorf("bind %s: %w", n.Key, err)
	}
	canonical, err := grant.Canonical(raw)
	if err != nil {
		return Bound{}, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_OUTPUT_INVALID, "an earlier step's output cannot be passed on: it is nested too deeply")
	}
	if len(canonical) > MaxArgumentsBytes {
		return Bound{}, errs.Newf(errs.Invalid, typev1.Reason_REASON_TOO_LARGE, "step %s would get %d bytes of arguments; at most %d are allowed", n.Key, len(canonical), MaxArgumentsBytes)
	}
	return Bound{ArgumentsJSON: canonical, Tainted: b.tainted}, nil
}

type binder struct {
	node     Node
	campaign Campaign
	outputs  map[string]Output
	decoded  map[string]any
	tainted  bool
}

func (b *binder) fill(value any) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		ref, err := parseReference(v)
		if err != nil {
			return nil, err
		}
		if ref != nil {
			return b.resolve(ref)
		}
		out := make(map[string]any, len(v))
		for key, item := range v {
			if out[key], err = b.fill(item); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			var err error
			if out[i], err = b.fill(item); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return value, nil
}

func (b *binder) resolve(r *reference) (any, error) {
	switch r.source {
	case "from":
		return b.from(r)
	case "method":
		key, _ := r.step()
		out, _, err := b.output(key)
		return out.Method, err
	case "account":
		a, err := b.account()
		return map[string]string{"id": a.ID, "platform": a.Platform, "handle": a.Handle}[r.name], err
	case "limit":
		rules, ok := platforms.Get(b.node.Platform)
		if !ok {
			return nil, invalid("there are no rules for platform %q", b.node.Platform)
		}
		return rules.DraftLimit(), nil
	case "remarks":
		return list(b.node.Remarks), nil
	case "previous":
		return b.node.PreviousText, nil
	case "campaign":
		return map[string]string{"id": b.campaign.ID, "agent_id": b.campaign.AgentID, "goal": b.campaign.Goal}[r.name], nil
	case "persona":
		return b.persona(r.name)
	case "param":
		p := b.campaign.Params
		return map[string]any{"feeds": list(p.GetFeeds()), "keywords": list(p.GetKeywords()), "hacker_news": p.GetHackerNews()}[r.name], nil
	}
	return nil, errors.New("unknown reference $" + r.source)
}

func (b *binder) persona(name string) (any, error) {
	p := b.campaign.Persona
	if p == nil {
		return nil, invalid("the campaign's agent has no persona; give it one")
	}
	return map[string]any{
		"voice": p.GetVoice(), "audience": p.GetAudience(), "topics": list(p.GetTopics()), "never": list(p.GetNever()),
		"language": p.GetLanguage(), "hashtags": list(p.GetHashtags()),
	}[name], nil
}

func (b *binder) account() (Account, error) {
	for _, a := range b.campaign.Accounts {
		if a.ID == b.node.AccountID {
			return a, nil
		}
	}
	return Account{}, invalid("account %s is no longer the campaign's", b.node.AccountID)
}

// list keeps an empty list a list: JSON null would break the tools' schemas.
func list(items []string) []string {
	if items == nil {
		return []string{}
	}
	return items
}
