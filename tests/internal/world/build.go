package world

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// programs are the real ones, built once per test run from the tree as it is.
var programs = []string{
	"./services/orchestrator/cmd/orchestrator", "./services/worker/cmd/worker",
	"./skills/trends", "./skills/copywriter", "./skills/publisher", "./skills/analytics", "./infra/local/sandbox/cmd/sandbox",
}

func build(dir string) error {
	cmd := exec.Command("go", append([]string{"build", "-o", dir + "/"}, programs...)...)
	cmd.Dir = filepath.Join("..", "..") // go test runs in the folder of the package it tests
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// Alter builds a skill with places of one of its files changed, pairs of what was and what is, and restarts it as
// that; back restarts it as it was.
func (w *World) Alter(t testing.TB, skill, file string, changes ...string) (back func()) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	source, err := os.ReadFile(filepath.Join(root, file))
	require.NoError(t, err)
	text := string(source)
	for i := 0; i < len(changes); i += 2 {
		require.Contains(t, text, changes[i])
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	altered, overlay, binary := filepath.Join(w.Dir, "altered.go"), filepath.Join(w.Dir, "overlay.json"), filepath.Join(w.Dir, "bin", skill+"-altered")
	require.NoError(t, os.WriteFile(altered, []byte(text), 0o600))
	writeJSON(t, overlay, map[string]any{"Replace": map[string]string{filepath.Join(root, file): altered}})
	cmd := exec.Command("go", "build", "-overlay", overlay, "-o", binary, "./skills/"+skill)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	p := w.Process(skill)
	was := p.Path
	restart := func(path string) {
		p.Kill()
		p.Path = path
		w.Revive(t, skill)
	}
	restart(binary)
	return func() { restart(was) }
}
