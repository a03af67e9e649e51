package bluesky

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/errs"
	"chimera/services/kit/fuzztest"
	"chimera/skills/internal/platformhttp"
)

// FuzzFacets: marks lie inside the text, at characters' ends, in order, and never overlap; the server refuses others.
func FuzzFacets(f *testing.F) {
	f.Add("See https://example.com/a_(b)). #bees ＃蜂 (#x) https://")
	f.Add("#\u20e3 #1 #ab\ufe0f #🐝 http://\xff")
	f.Fuzz(func(t *testing.T, text string) {
		defer fuzztest.Bound(t)()
		end := 0
		for _, facet := range Facets(text) {
			require.GreaterOrEqual(t, facet.Index.ByteStart, end)
			require.Greater(t, facet.Index.ByteEnd, facet.Index.ByteStart)
			require.LessOrEqual(t, facet.Index.ByteEnd, len(text))
			if utf8.ValidString(text) {
				require.True(t, utf8.ValidString(text[facet.Index.ByteStart:facet.Index.ByteEnd]))
			}
			end = facet.Index.ByteEnd
		}
	})
}

// FuzzRecord reads any answer of a server as a stored post, and its refusals.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"uri":"at://did:plc:x/app.bsky.feed.post/3jzfcijpj2z2a","cid":"b","value":{"$type":"app.bsky.feed.post","text":"t","embed":{"$type":"app.bsky.embed.images","images":[{"alt":"a","image":{"ref":{"$link":"bafkreibme22gw2h7y2h7tg2fhqotaqjucnbc24deqo72b6mkl2egezxhvy"}}}]},"labels":{"values":[{"val":"x"}]}}}`))
	f.Add([]byte(`{"value":{"labels":null,"embed":{"images":null}},"error":"InvalidToken","message":"m"}`))
	f.Add([]byte(`{"uri":"at:///app.bsky.feed.post/"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		failed := error(&platformhttp.StatusError{Status: 400, Body: raw})
		require.NotEqual(t, errs.Unknown, errs.KindOf(typed(failed)), "a refusal is an answer: nothing happened")
		var s Stored
		if json.Unmarshal(raw, &s) != nil {
			return
		}
		require.True(t, s.Record.Matches(s.Record))
		for _, image := range s.Record.Images() {
			sum := image.Blob.SHA256()
			if sum == "" {
				continue
			}
			same, err := BlobOf(sum)
			require.NoError(t, err)
			require.Equal(t, sum, same.SHA256())
		}
		if repo, rkey, err := ParseURI(s.URI); err == nil {
			require.Equal(t, s.URI, "at://"+repo+"/"+collection+"/"+rkey)
		}
	})
}
