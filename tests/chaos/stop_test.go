package chaos_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/tests/internal/referee"
	"chimera/tests/internal/world"
)

// productionLease stands in for the tests' short one: a lease that ends within the bound would end calls by itself.
var productionLease = []string{"CHIMERA_LEASE=15s", "CHIMERA_EFFECT_CALL=12s"}

// TestStopSwitchAtFullRate presses the switch 20 times while posts go out as fast as they can and some reads hang, every
// second time without Redis: no effect starts more than a second after the click, every running call has ended within
// five, and the switch says when (R10.5, decision 0067). What the switch says is held against the platforms: from then
// until the release nothing appears there.
func TestStopSwitchAtFullRate(t *testing.T) {
	gate(t)
	const presses, campaigns = 20, 60
	n := newNetwork(t)
	w := start(t, world.Setup{Tenants: 1, Logins: campaigns * accountsPerCampaign, Through: n.through, Env: map[string][]string{"orchestrator": productionLease}})
	l := prepare(t, w, 1, campaigns, accountsPerCampaign)
	hung := w.Sandbox.Fail(t, world.Fault{Kind: "slow", Op: "post.get", DelayMS: 20_000, Rate: 0.1, Seed: seed(t), Count: 10_000})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l.run(ctx, t)
	var d drill
	for i := range presses {
		d.press(t, w, n, i%2 == 1)
	}
	t.Logf("%d of %d clicks met running calls, %d reads hung", d.met, presses, hung())
	require.GreaterOrEqual(t, d.met, presses/2, "void: hardly a click met a running call")
	within(t, "click to the last effect that starts", time.Second, d.late)
	within(t, "click to no running call, as recorded", 5*time.Second, d.quiet)
	within(t, "click to no running call, as a page shows it", 5*time.Second, d.shown)
	within(t, "release to the next effect", patience, d.again)
	w.Sandbox.Heal(t)
	every(t.Context(), 250*time.Millisecond, func() {}, func() bool { return atRest(ctx, w) })
	cancel()
	require.Empty(t, referee.Settle(w.Ledger(t)))
}

// patience is how long posts may take to go out again after a release, on a machine that others use too.
const patience = 30 * time.Second

// drill is what the presses showed.
type drill struct {
	met                       int // clicks that met a running call
	late, quiet, shown, again []time.Duration
	released                  time.Time
}

func (d *drill) press(t *testing.T, w *world.World, n *network, without bool) {
	t.Helper()
	tenant, mira := in(t.Context(), world.Tenant(0)), w.As(world.Mira)
	sent := effects(t, w)
	world.Eventually(t, 2*patience, "posts going out", func() bool { return effects(t, w) >= sent+3 || atRest(t.Context(), w) })
	require.GreaterOrEqual(t, effects(t, w), sent+3, "void: all posts are out before the last press")
	if !d.released.IsZero() {
		d.again = append(d.again, world.Column[time.Time](t, w.Database, "select min(sending_at) from effects where sending_at > $1", d.released)[0].Sub(d.released))
	}
	if without {
		n.cut("redis")
	}
	clicked := time.Now()
	var stop *platformv1.Stop
	world.Eventually(t, 2*time.Second, "the switch", func() bool {
		pressed, err := mira.PressStop(tenant, &platformv1.PressStopRequest{Scope: platformv1.StopScope_STOP_SCOPE_TENANT, Reason: "drill"})
		stop = pressed.GetStop()
		return err == nil
	})
	ending := stop.GetEndingCalls()
	if ending > 0 {
		d.met++
	}
	world.Eventually(t, 20*time.Second, "the end of all running calls", func() bool {
		list, err := mira.ListStops(tenant, &platformv1.ListStopsRequest{PageSize: 1})
		if err == nil {
			stop = list.GetStops()[0]
		}
		return stop.GetQuietAt() != nil
	})
	shown, posts := time.Since(clicked), len(w.Sandbox.AllCreations(t))
	time.Sleep(time.Until(clicked.Add(1500 * time.Millisecond)))
	require.Len(t, w.Sandbox.AllCreations(t), posts, "a post appeared although nothing was running any more")
	pressed := stop.GetPressedAt().AsTime()
	last := world.Column[float64](t, w.Database, "select coalesce(extract(epoch from max(e.sending_at) - $1), 0)::float8 from effects e where e.sending_at > $1", pressed)[0]
	d.late = append(d.late, time.Duration(last*float64(time.Second)))
	d.quiet, d.shown = append(d.quiet, stop.GetQuietAt().AsTime().Sub(pressed)), append(d.shown, shown)
	if without {
		n.heal("redis")
	}
	world.Eventually(t, 20*time.Second, "the release", func() bool {
		over, err := mira.ReleaseStop(tenant, &platformv1.ReleaseStopRequest{StopId: stop.GetId(), StateVersion: stop.GetStateVersion(), Reason: "drill over"})
		d.released = over.GetStop().GetReleasedAt().AsTime()
		return err == nil
	})
	k := len(d.late) - 1
	t.Logf("press %2d, Redis %s, %2d calls running: last effect started %s after the click, quiet after %s, shown after %s, %d effects so far", k+1,
		map[bool]string{false: "there", true: "away"}[without], ending, ms(d.late[k]), ms(d.quiet[k]), ms(shown), effects(t, w))
}

func ms(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

func effects(t *testing.T, w *world.World) int64 {
	t.Helper()
	return world.Column[int64](t, w.Database, "select count(*) from effects where sending_at is not null")[0]
}
