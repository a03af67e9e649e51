package changes

import (
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/internal/tenancy"
	"chimera/services/kit/fuzztest"
)

// FuzzHint hears what anybody who reaches Redis can say (R9.4): a hint stays with the tenant it names, and within its bound.
func FuzzHint(f *testing.F) {
	f.Add([]byte(`{"f":"x","t":"a","k":2,"i":["1","2"],"a":4}`))
	f.Add([]byte(`{"t":"b","k":-1,"i":null}`))
	f.Add([]byte(`{"t":"a","T":"b","k":9223372036854775807}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		b := NewBoard(Carrier{}, slog.New(slog.DiscardHandler))
		watches := map[tenancy.ID]*Watch{}
		for _, tenant := range []tenancy.ID{"a", "b"} {
			w, err := b.Watch(tenant, "p")
			require.NoError(t, err)
			watches[tenant] = w
		}
		b.hear(raw)
		b.hear(raw)
		var said wire
		_ = json.Unmarshal(raw, &said)
		for tenant, w := range watches {
			h := w.Take()
			require.LessOrEqual(t, len(h.IDs), maxIDs)
			if tenant != said.Tenant {
				require.Equal(t, Hint{}, h, "%s heard what was not its own", tenant)
			}
		}
	})
}
