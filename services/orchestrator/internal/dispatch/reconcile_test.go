package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/services/orchestrator/internal/store"
)

// Decision 0072: what still waits in its stream is not lost, and sending or judging it again would only make the queue longer.
func TestWhatWaitsInItsStreamIsNotTakenForLost(t *testing.T) {
	r := Reconciler{Overdue: store.Overdue{Queued: time.Second, Judging: 2 * time.Second}}
	for name, c := range map[string]struct {
		waiting messages
		tasks   store.Flight
		want    store.Overdue
	}{
		"nothing waits":                 {messages{}, store.Flight{Sent: 3, Judging: 3}, store.Overdue{Queued: time.Second, Judging: 2 * time.Second}},
		"workers are behind":            {messages{tasks: 3}, store.Flight{Sent: 3, Judging: 3}, store.Overdue{Queued: patience * time.Second, Judging: 2 * time.Second}},
		"judges are behind":             {messages{verdicts: 4}, store.Flight{Sent: 3, Judging: 3}, store.Overdue{Queued: time.Second, Judging: 2 * patience * time.Second}},
		"some of the verdicts are lost": {messages{verdicts: 2}, store.Flight{Judging: 3}, store.Overdue{Queued: time.Second, Judging: 2 * time.Second}},
	} {
		require.Equal(t, c.want, r.patient(c.waiting, c.tasks), name)
	}
}
