package referee_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/referee"
)

// Each form in which a secret gets written down is found, in the middle of other text (R11.4), and the finding does not
// repeat it.
func TestLeaksFindsEachForm(t *testing.T) {
	const value = `p"4/s+s w0rd&of=some'length`
	canaries := map[string]string{"the password": value}
	require.Empty(t, referee.Leaks("here", []byte("nothing of that kind: password, of, length"), canaries))
	quoted, err := json.Marshal(map[string]string{"k": value})
	require.NoError(t, err)
	for name, text := range map[string]string{
		"clear": "a" + value + "b", "hex": "x'" + hex.EncodeToString([]byte(value)) + "'", "JSON": string(quoted),
		"query": "?k=" + url.QueryEscape(value) + "&l=1", "path": "/" + url.PathEscape(value) + "/",
		"basic auth":   base64.StdEncoding.EncodeToString([]byte("user:" + value)),
		"one before":   base64.StdEncoding.EncodeToString([]byte("1" + value + "after")),
		"two before":   base64.URLEncoding.EncodeToString([]byte("12" + value + "after")),
		"three before": base64.RawURLEncoding.EncodeToString([]byte("123" + value)),
	} {
		found := referee.Leaks("here", []byte(text), canaries)
		require.NotEmpty(t, found, name)
		require.NotContains(t, found[0], value)
	}
}
