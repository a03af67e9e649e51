package changes

import (
	"slices"

	"chimera/services/orchestrator/internal/audit"
)

// Kind is a bit for each kind of object that a page can show.
type Kind uint32

// The kinds, in the order of the API's ChangeKind.
const (
	Review Kind = 1 << (iota + 1)
	Campaign
	Task
	Post
	Effect
	Agent
	Account
	Stop
	DeadLetter
	Tool
	Policy
	Member
	Audit
	all Kind = 1<<(iota+1) - 2
)

// kinds knows the audit chain's words for objects. A grant is part of its effect, a security event of the chain.
var kinds = map[string]Kind{
	"review": Review, "campaign": Campaign, "task": Task, "post": Post, "effect": Effect, "grant": Effect, "agent": Agent, "account": Account,
	"stop": Stop, "dead_letter": DeadLetter, "tool": Tool, "policy": Policy, "member": Member, "security_event": Audit, "tenant": Member,
}

// Hint says which kinds of objects changed: IDs are objects of Kinds, and of the kinds in Any any may have changed.
type Hint struct {
	Kinds Kind     `json:"k,omitempty"`
	IDs   []string `json:"i,omitempty"`
	Any   Kind     `json:"a,omitempty"`
}

// Everything may have changed.
func Everything() Hint { return Hint{Any: all} }

// Numbers are the kinds as the API counts them.
func (k Kind) Numbers() []int32 {
	var out []int32
	for n := int32(1); n < 32; n++ {
		if k&(1<<n) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// Of is the set of the kinds with these numbers; none means all.
func Of[N ~int32](numbers []N) Kind {
	var k Kind
	for _, n := range numbers {
		k |= 1 << (n & 31)
	}
	if k == 0 {
		return all
	}
	return k
}

func (h *Hint) take(entries []audit.Entry) {
	if len(entries) == 0 {
		h.Any = Task
		return
	}
	h.Any = Audit // a list: its new entries have no ids of their own
	for _, e := range entries {
		if k := kinds[e.ObjectType]; k != 0 {
			h.Kinds |= k
			h.add(e.ObjectID)
		}
	}
}

func (h *Hint) add(id string) {
	switch {
	case slices.Contains(h.IDs, id):
	case len(h.IDs) >= maxIDs:
		h.IDs, h.Any = nil, h.Any|h.Kinds
	default:
		h.IDs = append(h.IDs, id)
	}
}

func (h *Hint) merge(o Hint) {
	h.Kinds |= o.Kinds
	h.Any |= o.Any
	for _, id := range o.IDs {
		h.add(id)
	}
}

// Split answers the kinds whose changed objects are named, and those of which any may have changed.
func (h Hint) Split(wanted Kind) (named, some Kind) {
	return h.Kinds &^ h.Any & wanted, h.Any & wanted
}
