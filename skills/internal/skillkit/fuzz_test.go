package skillkit

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/fuzztest"
)

type fuzzed struct {
	Text  string         `json:"text"`
	Count int            `json:"count,omitempty"`
	List  []string       `json:"list,omitempty"`
	More  map[string]any `json:"more,omitempty"`
}

// FuzzArguments gives a tool any arguments: what passes its schema decodes, and the line about it is short, is text
// and shows nothing that is named like a secret (R11.4).
func FuzzArguments(f *testing.F) {
	f.Add([]byte(`{"text":"x","count":3,"list":["a"],"more":{"password":"hunter2 is long enough"}}`))
	f.Add([]byte(`{"text":"x","text":1}`))
	f.Add([]byte(`{"text":{"$ref":"#"},"count":1e99}`))
	schema := resolve("fuzzed", schemaOf[fuzzed]())
	f.Fuzz(func(t *testing.T, args []byte) {
		defer fuzztest.Bound(t)()
		line := redact(args)
		require.LessOrEqual(t, len(line), maxLogged+len("…"))
		require.True(t, utf8.ValidString(line) || !utf8.Valid(args))
		if check(schema, args) != nil {
			return
		}
		in, err := decode[fuzzed](args)
		if err == nil {
			_, err = json.Marshal(in)
			require.NoError(t, err)
		}
		wrapped, err := json.Marshal(map[string]any{"api_token": json.RawMessage(args)})
		require.NoError(t, err)
		require.JSONEq(t, `{"api_token":"[redacted]"}`, redact(wrapped))
	})
}

// FuzzBearer reads the header of any token: it is an access token by RFC 9068 or it is none.
func FuzzBearer(f *testing.F) {
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"at+jwt"}`)) + ".x.y")
	f.Add("....")
	f.Fuzz(func(t *testing.T, token string) {
		defer fuzztest.Bound(t)()
		if accessToken(token) {
			require.Contains(t, token, ".")
		}
	})
}
