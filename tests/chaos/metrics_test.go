package chaos_test

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

func commands(t *testing.T, w *world.World) float64 {
	t.Helper()
	return info(t, w, "stats", "total_commands_processed:")
}

func info(t *testing.T, w *world.World, section, key string) float64 {
	t.Helper()
	text, err := w.Streams.Info(t.Context(), section).Result()
	require.NoError(t, err)
	return number(t, text, key)
}

// metric is one of a process's own, by the name before its value.
func metric(t *testing.T, w *world.World, name, metric string) float64 {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.Ops(name)+"/metrics", nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	var text strings.Builder
	_, err = bufio.NewReader(res.Body).WriteTo(&text)
	require.NoError(t, err)
	return number(t, text.String(), metric+" ")
}

func number(t *testing.T, text, key string) float64 {
	t.Helper()
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), key); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			require.NoError(t, err)
			return n
		}
	}
	require.FailNow(t, "no "+key)
	return 0
}
