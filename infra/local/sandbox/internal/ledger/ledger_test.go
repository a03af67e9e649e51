package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/sandbox/internal/ledger"
)

// Two requests with one key can both miss the early look-up; Create itself must hold them apart.
func TestCreateHoldsTwinsApart(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	l, err := ledger.Open(t.TempDir(), func() time.Time { return now })
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	media, err := l.AddMedia(ledger.Media{ID: "9", Platform: ledger.Mastodon, MIME: "image/png"}, []byte("bytes"))
	require.NoError(t, err)

	post := ledger.Post{
		ID: "mastodon-1", Platform: ledger.Mastodon, Account: "1001", Key: "k1",
		Media: []ledger.Image{{MediaID: media.ID}},
	}
	_, outcome, err := l.Create(post, time.Hour)
	require.NoError(t, err)
	require.Equal(t, ledger.Created, outcome)

	twin := post
	twin.ID = "mastodon-2"
	first, outcome, err := l.Create(twin, time.Hour)
	require.NoError(t, err)
	require.Equal(t, ledger.Unchanged, outcome)
	require.Equal(t, "mastodon-1", first.ID)

	twin.Key = "k2"
	_, _, err = l.Create(twin, time.Hour)
	require.ErrorIs(t, err, ledger.ErrMediaTaken)
	require.Len(t, l.Creations(), 1)
}
