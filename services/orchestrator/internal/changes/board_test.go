package changes

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
)

func board(c Carrier) *Board { return NewBoard(c, slog.New(slog.DiscardHandler)) }

func about(kind, id string) []audit.Entry { return []audit.Entry{{ObjectType: kind, ObjectID: id}} }

// TestHintsAreGathered: however much happens, one hint goes out for a tenant, and it is bounded.
func TestHintsAreGathered(t *testing.T) {
	var published [][]byte
	one := board(Carrier{Publish: func(_ context.Context, hints [][]byte) error { published = append(published, hints...); return nil }})
	two := board(Carrier{})
	here, err := one.Watch("tenant", "p")
	require.NoError(t, err)
	there, err := two.Watch("tenant", "p")
	require.NoError(t, err)
	other, err := two.Watch("other", "p")
	require.NoError(t, err)
	for range 50 {
		one.Note("tenant", about("review", "r1"))
		one.Note("tenant", nil)
	}
	one.flush(t.Context())
	require.Len(t, published, 1)
	want := Hint{Kinds: Review, IDs: []string{"r1"}, Any: Task | Audit}
	require.Equal(t, want, here.Take())
	two.hear(published[0])
	require.Equal(t, want, there.Take())
	require.Zero(t, other.Take())
	one.hear(published[0])
	require.Zero(t, here.Take(), "its own hint was handed out already")
	two.hear([]byte("{"))
	require.Zero(t, there.Take())

	for i := range 2 * maxIDs {
		one.Note("tenant", about("review", fmt.Sprint(i)))
	}
	one.flush(t.Context())
	h := here.Take()
	require.LessOrEqual(t, len(h.IDs), maxIDs)
	require.NotZero(t, h.Any&Review, "too many to name: any may have changed")
}

// TestNewsAfterAnOutage: what was missed while the bus was away is made good by looking at everything.
func TestNewsAfterAnOutage(t *testing.T) {
	b := board(Carrier{Subscribe: func(context.Context, func([]byte), func(bool)) error { return nil }})
	w, err := b.Watch("tenant", "p")
	require.NoError(t, err)
	require.True(t, b.Degraded(), "not yet subscribed")
	b.listening(true)
	require.False(t, b.Degraded())
	require.Equal(t, Everything(), w.Take())
	b.listening(true)
	require.Zero(t, w.Take(), "it was there all the time")
}

// TestSharesAreGivenBack: a closed stream makes room.
func TestSharesAreGivenBack(t *testing.T) {
	b := board(Carrier{})
	for range 3 * maxOfPerson {
		w, err := b.Watch("tenant", "p")
		require.NoError(t, err)
		w.Close()
	}
	require.Empty(t, b.watches)
	for i := range maxOfTenant {
		_, err := b.Watch("tenant", fmt.Sprint(i))
		require.NoError(t, err)
	}
	_, err := b.Watch("tenant", "one more")
	require.Error(t, err)
	_, err = b.Watch("another", "p")
	require.NoError(t, err, "another tenant has its own")
}

// BenchmarkNote is the whole price on the path of a commit.
func BenchmarkNote(b *testing.B) {
	at := board(Carrier{})
	entries := append(about("task", "01a20448-63cf-7bcf-9dfa-223a8ee38e64"), about("review", "01a20448-63cf-7bd2-bbff-049cb97315bc")...)
	tenants := []tenancy.ID{"a", "b", "c"}
	for i := 0; b.Loop(); i++ {
		at.Note(tenants[i%3], entries)
	}
}
