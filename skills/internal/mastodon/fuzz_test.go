package mastodon

import (
	"encoding/json"
	"html"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/errs"
	"chimera/services/kit/fuzztest"
	"chimera/skills/internal/platformhttp"
)

// FuzzHTML renders a text as servers do and reads it back: the same text, and any other HTML is no harm.
func FuzzHTML(f *testing.F) {
	f.Add("Bees & <b>honey</b>\n@ada@example.org #tag https://x.example/?a=1&b=2")
	f.Add("<p><br/></p><!-- --><script>alert(1)</script>&#x0;&notanentity;")
	f.Fuzz(func(t *testing.T, text string) {
		defer fuzztest.Bound(t)()
		plain := PlainText(text)
		require.LessOrEqual(t, len(plain), 4*len(text)+8)
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\r") {
			return // servers do not store these
		}
		require.True(t, SameText("<p>"+html.EscapeString(text)+"</p>", text), "%q", text)
	})
}

// FuzzStatus reads any answer of a server as a status, and its refusals.
func FuzzStatus(f *testing.F) {
	f.Add([]byte(`{"id":"1","uri":"u","url":"https://x.example/1","created_at":"2026-11-22T00:00:00Z","content":"<p>t</p>","media_attachments":[{"id":"2"}]}`))
	f.Add([]byte(`{"error":"Validation failed","id":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		failed := error(&platformhttp.StatusError{Status: 422, Body: raw})
		require.NotEqual(t, errs.Unknown, errs.KindOf(typed(failed)), "a refusal is an answer: nothing happened")
		var p Posted
		if json.Unmarshal(raw, &p) == nil {
			_ = SameText(p.Content, "t")
		}
	})
}
