package toolbox_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/services/worker/internal/workertest"
)

const greeting = "initialize" //nolint:misspell // the protocol's word

// overheard is a stdio skill in front of which a shell script stands: what the worker says goes through it.
func overheard(t *testing.T, script string) (address, heard string) {
	t.Helper()
	dir := t.TempDir()
	heard = filepath.Join(dir, "heard")
	program := filepath.Join(dir, "skill")
	script = strings.NewReplacer("SKILL", workertest.Binary(t, workertest.FixtureSkill)+" --stdio", "HEARD", heard, "GREETING", greeting).Replace(script)
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	return "fixture=stdio:" + program, heard
}

func heardOf(t *testing.T, heard, method string) []string {
	t.Helper()
	raw, err := os.ReadFile(heard)
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(string(raw)) {
		if strings.Contains(line, `"method":"`+method+`"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestAChildIsToldOnceWhoCalls(t *testing.T) { // R8.4
	address, heard := overheard(t, `tee HEARD | SKILL`)
	r := newRig(t, address, "PATH="+os.Getenv("PATH"))
	req := r.request(t, "fixture.echo", "hi")
	for range 3 {
		require.Nil(t, r.Call(t.Context(), req).Err)
	}
	require.Len(t, heardOf(t, heard, greeting), 1)
	calls := heardOf(t, heard, "tools/call")
	require.Len(t, calls, 3)
	for _, c := range calls {
		require.NotContains(t, c, "io.modelcontextprotocol/", "the session knows its client")
		require.Contains(t, c, req.Call.TenantID, "and each call says for whom it is")
	}
}

func TestASkillWithoutSessionsIsSpokenToWithout(t *testing.T) { // R8.4
	address, heard := overheard(t, `read -r first
printf '%s\n' "$first" >>HEARD
case "$first" in
*'"method":"GREETING"'*)
	id=$(printf '%s' "$first" | sed 's/.*"id":\([0-9]*\).*/\1/')
	printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no such method"}}\n' "$id"
	cat >/dev/null ;;
*) { printf '%s\n' "$first"; tee -a HEARD; } | SKILL ;;
esac`)
	r := newRig(t, address, "PATH="+os.Getenv("PATH"))
	req := r.request(t, "fixture.echo", "hi")
	require.Eventually(t, func() bool { return r.Call(t.Context(), req).Err == nil }, 10*time.Second, 50*time.Millisecond)
	require.NotEmpty(t, heardOf(t, heard, "server/discover"))
	require.Contains(t, heardOf(t, heard, "tools/call")[0], "io.modelcontextprotocol/")
}
