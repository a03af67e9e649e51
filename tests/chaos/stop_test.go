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

// TestStopSwitchAtFullRate presses the switch 20 times while posts go out as fast as they can, every second time
// without Redis: no effect starts more than a second after the click, and every running call ends within five (R10.4).
func TestStopSwitchAtFullRate(t *testing.T) {
	gate(t)
	const presses, campaigns = 20, 60
	n := newNetwork(t)
	w := start(t, world.Setup{Tenants: 1, Logins: campaigns * accountsPerCampaign, Through: n.through})
	l := prepare(t, w, 1, campaigns, accountsPerCampaign)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l.run(ctx, t)
	tenant, mira := world.Tenant(0), w.As(world.Mira)
	var late, quiet []time.Duration
	under := 0
	for i := range presses {
		sent := effects(t, w)
		world.Eventually(t, 2*time.Minute, "posts going out", func() bool { return effects(t, w) >= sent+3 || atRest(ctx, w) })
		if i%2 == 1 {
			n.cut("redis")
		}
		var stop *platformv1.Stop
		world.Eventually(t, 2*time.Second, "the switch", func() bool {
			pressed, err := mira.PressStop(in(t.Context(), tenant), &platformv1.PressStopRequest{Scope: platformv1.StopScope_STOP_SCOPE_TENANT, Reason: "drill"})
			stop = pressed.GetStop()
			return err == nil
		})
		clicked := time.Now()
		if running(t, w) > 0 {
			under++
		}
		world.Eventually(t, 20*time.Second, "the end of all running calls", func() bool { return running(t, w) == 0 })
		quiet = append(quiet, time.Since(clicked))
		time.Sleep(time.Until(clicked.Add(3 * time.Second)))
		if i%2 == 1 {
			n.heal("redis")
		}
		last := world.Column[float64](t, w.Database, "select coalesce(extract(epoch from max(e.sending_at) - $1), 0)::float8 from effects e where e.sending_at > $1", stop.GetPressedAt().AsTime())[0]
		late = append(late, time.Duration(last*float64(time.Second)))
		t.Logf("press %2d, Redis %s: last effect started %s after the click, quiet after %s, %d effects so far", i+1, []string{"there", "away"}[i%2], late[i].Round(time.Millisecond), quiet[i].Round(time.Millisecond), effects(t, w))
		world.Eventually(t, 20*time.Second, "the release", func() bool {
			_, err := mira.ReleaseStop(in(t.Context(), tenant), &platformv1.ReleaseStopRequest{StopId: stop.GetId(), StateVersion: stop.GetStateVersion(), Reason: "drill over"})
			return err == nil
		})
	}
	t.Logf("%d of %d clicks met running calls", under, presses)
	require.GreaterOrEqual(t, under, presses/2, "void: hardly a click met a running call")
	within(t, "click to the last effect that starts", time.Second, late)
	within(t, "click to no running call", 5*time.Second, quiet)
	every(t.Context(), 250*time.Millisecond, func() {}, func() bool { return atRest(ctx, w) })
	cancel()
	require.Empty(t, referee.Settle(w.Ledger(t)))
}

func effects(t *testing.T, w *world.World) int64 {
	t.Helper()
	return world.Column[int64](t, w.Database, "select count(*) from effects where sending_at is not null")[0]
}

func running(t *testing.T, w *world.World) int64 {
	t.Helper()
	return world.Column[int64](t, w.Database, "select count(*) from tasks where state = 'running'")[0]
}
