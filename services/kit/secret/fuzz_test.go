package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/fuzztest"
	"chimera/services/kit/secret"
)

// FuzzRedact puts a secret into the middle of any text, in every form it may travel in (R11.4): it never comes
// out, and a line of JSON stays one.
func FuzzRedact(f *testing.F) {
	f.Add(`{"msg":"`, `"}`, "Tr0ub4dor&3/+ =x")
	f.Add("Authorization: Bearer ", "\n", "0123456789abcdef0123")
	f.Add(`{"a":"{\"token\":\"`, `\"}"}`, `pa"ss\word`)
	f.Fuzz(func(t *testing.T, before, after, value string) {
		defer fuzztest.Bound(t)()
		if len(value) < 6 || len(value) > 200 || strings.Contains("[redacted]: the whole line, it could not be cut safely", value) {
			return
		}
		var set secret.Set
		set.Add(value)
		quoted, err := json.Marshal(value)
		require.NoError(t, err)
		for _, form := range []string{
			value, string(quoted[1 : len(quoted)-1]), hex.EncodeToString([]byte(value)), base64.StdEncoding.EncodeToString([]byte(value)),
			base64.RawURLEncoding.EncodeToString([]byte(value)), url.QueryEscape(value), url.PathEscape(value),
		} {
			if len(form) < 12 || strings.Contains(before+after, form[:6]) || strings.Contains(form, "\ufffd") || strings.Contains(string(quoted), `\ufffd`) {
				continue
			}
			line := []byte(before + form + after)
			out := set.Redact(line)
			require.NotContains(t, string(out), form, "in %q", line)
			if json.Valid(line) {
				require.True(t, json.Valid(out), "%q became %q", line, out)
			}
		}
	})
}

// FuzzUnmarshal reads a secret from configuration: it never shows itself, not in the error either.
func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(`"a secret of some length"`))
	f.Add([]byte(`{"not":"a string"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		var s secret.String
		if err := json.Unmarshal(raw, &s); err != nil || s.Empty() {
			return
		}
		out, err := json.Marshal(map[string]any{"s": s})
		require.NoError(t, err)
		require.JSONEq(t, `{"s":"`+secret.Mask+`"}`, string(out))
	})
}
