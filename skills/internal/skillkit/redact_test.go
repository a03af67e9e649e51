package skillkit

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedactHidesByNameAndShortensText(t *testing.T) { // R11.4
	got := redact([]byte(`{"a":{"session_cookie":"plain words","list":[{"credential":{"x":"plain words"}}]},"text":"` + strings.Repeat("y", 200) + `","id":"short"}`))
	require.NotContains(t, got, "plain words")
	require.NotContains(t, got, "yyy")
	require.Contains(t, got, `"id":"short"`)
	require.NotContains(t, redact([]byte(`{"broken":"plain words`)), "plain words")
}
