package commit

import (
	"context"
	"fmt"
	"slices"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/planner"
	"chimera/services/orchestrator/internal/store"
)

// pinned is what one transaction's tasks are bound to.
type pinned struct {
	// tools are those the workers offer, by name, with the tenant's pins.
	tools map[string]store.Tool
	// room is how many tasks may be written as queued; 0 leaves them to TakeReady.
	room int64
}

// pins answers what tasks build on and are bound to, in one round trip.
func (c *Committer) pins(ctx context.Context, tx *store.Tx, taskIDs, tools []string) (map[string][]store.Input, pinned, error) {
	look, credit := c.outbox.look(tx)
	inputs, pins, err := tx.Bindings(ctx, taskIDs, tools, look)
	return inputs, c.pinsOf(tx, pins, credit), err
}

// pinsOf leaves room for tasks to be written as queued if nothing else of the tenant waits (decision 0082): the credit, or
// without one what the counters leave of the window.
func (c *Committer) pinsOf(tx *store.Tx, seen store.Pins, credit int64) pinned {
	p := pinned{tools: make(map[string]store.Tool, len(seen.Tools))}
	for _, tool := range seen.Tools {
		p.tools[tool.Name] = tool
	}
	for _, q := range seen.Queue {
		switch {
		case q.Held:
		case credit > 0:
			p.room = credit
		default:
			p.room = int64(c.outbox.window) - q.Taken
			c.outbox.lend(tx.Scope().Tenant, p.room)
		}
	}
	return p
}

func toolsOf(tasks []store.Task) []string {
	var names []string
	for _, t := range tasks {
		if !slices.Contains(names, t.Tool) {
			names = append(names, t.Tool)
		}
	}
	return names
}

func (p pinned) bind(ctx context.Context, tx *store.Tx, pc planContext, t store.Task, outputs map[string]planner.Output) (store.Bound, error) {
	node, ok := pc.nodes[t.Node]
	if !ok {
		return store.Bound{}, fmt.Errorf("task %s: its plan has no node %q", t.ID, t.Node)
	}
	b, err := planner.Bind(node, pc.campaign, outputs)
	if err != nil {
		if errs.KindOf(err) == errs.Internal {
			return store.Bound{}, err
		}
		return store.Bound{}, cannotBind{err}
	}
	digest, err := p.digest(ctx, tx, t.Tool)
	if err != nil {
		return store.Bound{}, err
	}
	s, err := bound(t, t.Mode, b.ArgumentsJSON, digest, b.Tainted)
	if err != nil {
		return store.Bound{}, err
	}
	out := store.Bound{ID: t.ID, StateVersion: t.StateVersion, TaskSpec: s, NotBefore: tx.Now().Add(time.Duration(t.DelayMS) * time.Millisecond)}
	if node.Slot > 0 {
		end := later(out.NotBefore, node.At).Add(node.Slot)
		out.Deadline = &end
	}
	return out, nil
}

// digest answers the tenant's pinned digest. The first use of a tool pins what the workers see then; a change after that
// needs an admin (R8.4). TOOL_UNKNOWN while no worker offers it.
func (p pinned) digest(ctx context.Context, tx *store.Tx, name string) (string, error) {
	tool, ok := p.tools[name]
	if !ok {
		return "", errs.Newf(errs.Unavailable, typev1.Reason_REASON_TOOL_UNKNOWN, "no worker offers the tool %s yet; start the skill that has it", name)
	}
	if tool.PinnedDigest == nil {
		if err := tx.ToolPin(ctx, name, tool.Digest, "first use"); err != nil {
			return "", err
		}
		tool.PinnedDigest = &tool.Digest
		p.tools[name] = tool
	}
	return *tool.PinnedDigest, nil
}

// pinTool is digest for one tool by itself.
func pinTool(ctx context.Context, tx *store.Tx, name string) (string, error) {
	tool, err := tx.ToolGet(ctx, name)
	if err != nil && !store.IsMissing(err) {
		return "", err
	}
	p := pinned{tools: map[string]store.Tool{}}
	if err == nil {
		p.tools[name] = tool
	}
	return p.digest(ctx, tx, name)
}

// sendable is a bound task as it is once queued; nil if TakeReady would not take it now: its time has not come, its
// campaign does not run, or its tool is not what the tenant pinned (R8.4).
func (p pinned) sendable(tx *store.Tx, campaign string, t store.Task, b store.Bound, inputs []store.Input) *store.ReadyTask {
	if p.room <= 0 || campaign != "running" || b.NotBefore.After(tx.Now()) || p.tools[t.Tool].Digest != b.ToolDigest {
		return nil
	}
	r := &store.ReadyTask{Task: t}
	r.StateVersion++
	r.State, r.Mode, r.Arguments, r.ToolDigest, r.SpecDigest, r.Tainted = "queued", b.Mode, b.Arguments, b.ToolDigest, b.SpecDigest, b.Tainted
	if b.Deadline != nil {
		r.Deadline = b.Deadline
	}
	for _, in := range inputs {
		r.DependsOn = append(r.DependsOn, in.DependsOn)
	}
	return r
}

// roomFor tells whether all that is sendable fits: of what does not, TakeReady picks.
func (p pinned) roomFor(sent []*store.ReadyTask) bool {
	n := int64(0)
	for _, r := range sent {
		if r != nil {
			n++
		}
	}
	return n <= p.room
}
