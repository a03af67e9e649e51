package logs

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const id = "0199aaaa-0000-7000-8000-000000000001"

func write(t *testing.T, dir, name string, lines ...string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
}

func get(t *testing.T, dir, query string) (int, string) {
	t.Helper()
	answer := httptest.NewRecorder()
	Handler(dir).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/?"+query, nil))
	return answer.Code, answer.Body.String()
}

func TestLinesOfAllProcessesInTheirOrder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "worker.log", `{"time":"2026-01-01T00:00:02Z","level":"INFO","msg":"second","service":"worker","task_id":"`+id+`"}`,
		`{"time":"2026-01-01T00:00:02Z","level":"INFO","msg":"of another","service":"worker","task_id":"0199bbbb"}`)
	write(t, dir, "orchestrator.log", `{"time":"2026-01-01T00:00:01Z","level":"WARN","msg":"first","service":"orchestrator","request_id":"`+id+`","n":{"a":1}}`)
	write(t, dir, "postgres.log", "LOG: not ours "+id)
	write(t, dir, "worker.traces.jsonl", `{"time":"2026-01-01T00:00:00Z","msg":"a span","x":"`+id+`"}`)
	require.NoError(t, os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, "redis.log")))
	lines, more, err := Find(dir, id)
	require.NoError(t, err)
	require.False(t, more)
	require.Len(t, lines, 2)
	require.Equal(t, "first", lines[0].Message)
	require.Equal(t, []Field{{"n", `{"a":1}`}, {"request_id", id}}, lines[0].Fields)
	require.Equal(t, "worker", lines[1].Service)

	status, body := get(t, dir, "task_id="+id)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "second")
	require.NotContains(t, body, "of another")
}

func TestTextOfALineIsOnlyText(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "worker.log", `{"time":"2026-01-01T00:00:02Z","level":"INFO","msg":"<script>alert(1)</script>","task_id":"`+id+`"}`)
	_, body := get(t, dir, "request_id="+id)
	require.Contains(t, body, "&lt;script&gt;")
	require.NotContains(t, body, "<script")
}

func TestWhatIsNoIDIsRefused(t *testing.T) {
	for _, text := range []string{"a", "%2e%2e%2f%2e%2e%2fetc", "a%20b%20c%20d%20e%20f", strings.Repeat("a", 65)} {
		status, body := get(t, t.TempDir(), "request_id="+text)
		require.Equal(t, http.StatusBadRequest, status, text)
		require.Contains(t, body, "want the id")
	}
}

func TestTooManyLinesAreSaid(t *testing.T) {
	dir := t.TempDir()
	lines := make([]string, 0, most+1)
	for i := range most + 1 {
		lines = append(lines, fmt.Sprintf(`{"time":"2026-01-01T00:00:00.%04dZ","msg":"m","task_id":"%s"}`, i, id))
	}
	write(t, dir, "worker.log", lines...)
	found, more, err := Find(dir, id)
	require.NoError(t, err)
	require.True(t, more)
	require.Len(t, found, most)
	require.Equal(t, "2026-01-01T00:00:00.0500Z", found[most-1].Time, "the newest win")
}
