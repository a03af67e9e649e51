package workertest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
)

// Stop makes the next heartbeat say that a task must stop, and redemption refuse it.
func (o *Orchestrator) Stop(task string, reason typev1.Reason) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows[task].stopped = reason
}

// TakeAway gives a running task to somebody else.
func (o *Orchestrator) TakeAway(task string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows[task].epoch++
}

// Silence makes claims and heartbeats fail until it is called with false.
func (o *Orchestrator) Silence(on bool) { o.mu.Lock(); defer o.mu.Unlock(); o.silent = on }

// Deafen makes the bus refuse results until it is called with false.
func (o *Orchestrator) Deafen(on bool) { o.mu.Lock(); defer o.mu.Unlock(); o.deaf = on }

// LeaveUnread makes the bus take results that nobody reads, as before it goes away, until it is called with false.
func (o *Orchestrator) LeaveUnread(on bool) { o.mu.Lock(); defer o.mu.Unlock(); o.unread = on }

// Remembers sets what Recall answers.
func (o *Orchestrator) Remembers(r *internalv1.RecallResponse) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.recall = r
}

// Tool waits for a tool to be registered.
func (o *Orchestrator) Tool(t testing.TB, name string) *internalv1.ToolDescriptor {
	t.Helper()
	var tool *internalv1.ToolDescriptor
	require.Eventually(t, func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		tool = o.tools[name]
		return tool != nil
	}, 15*time.Second, 10*time.Millisecond, "tool %s was never registered", name)
	return tool
}

// Running reports whether a task is claimed under a live lease.
func (o *Orchestrator) Running(task string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.rows[task]
	return w.running && time.Now().Before(w.lease)
}

// Redispatch waits until a task's lease has run out and returns its message anew, as the reconciler would.
func (o *Orchestrator) Redispatch(t testing.TB, task string) *busv1.Task {
	t.Helper()
	require.Eventually(t, func() bool { return !o.Running(task) }, 10*time.Second, 10*time.Millisecond)
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.rows[task]
	w.running = false
	again := proto.CloneOf(w.task)
	again.Version.Epoch = w.epoch
	return again
}

// Results are those accepted and those refused as stale.
func (o *Orchestrator) Results() (accepted, stale []*busv1.Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]*busv1.Result(nil), o.accepted...), append([]*busv1.Result(nil), o.stale...)
}

// Calls counts claim and heartbeat calls.
func (o *Orchestrator) Calls() (claims, heartbeats int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.claimCalls, o.beats
}

// Ended tells whether the last heartbeat about a stopped task said that its call is over.
func (o *Orchestrator) Ended(task string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.rows[task]
	return w != nil && w.ended
}
