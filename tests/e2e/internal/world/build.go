package world

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// programs are the real ones, built once per test run from the tree as it is.
var programs = []string{
	"./services/orchestrator/cmd/orchestrator", "./services/worker/cmd/worker",
	"./skills/trends", "./skills/copywriter", "./skills/publisher", "./skills/analytics", "./infra/local/sandbox/cmd/sandbox",
}

func build(t testing.TB, dir string) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"build", "-o", dir + "/"}, programs...)...)
	cmd.Dir = filepath.Join("..", "..") // go test runs in the folder of the package it tests
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
