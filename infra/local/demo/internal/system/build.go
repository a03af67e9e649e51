package system

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"chimera/infra/local/demo/internal/folder"
)

// packages are the programs of ours that the demo runs.
func packages() []string {
	all := []string{"./services/orchestrator/cmd/orchestrator", "./services/worker/cmd/worker", "./infra/local/sandbox/cmd/sandbox"}
	for _, skill := range skills {
		all = append(all, "./skills/"+skill)
	}
	return all
}

// build compiles into <folder>/bin. The go command leaves alone what is up to date; its flags are those of the tests,
// so that both share one cache, and without VCS stamps a commit alone changes no binary.
func build(ctx context.Context, f folder.Folder, root string) error {
	if err := os.MkdirAll(f.Path("bin"), 0o755); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	args := append([]string{"build", "-buildvcs=false", "-o", f.Path("bin") + string(filepath.Separator)}, packages()...)
	// The compilers stand back for the servers that start meanwhile: on two cores those once took a minute.
	name := "go"
	if nice, err := exec.LookPath("nice"); err == nil {
		name, args = nice, append([]string{"-n", "10", "go"}, args...)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = root
	// The go command ends its compilers when it is asked to, not when it is killed.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, output.Bytes())
	}
	return nil
}
