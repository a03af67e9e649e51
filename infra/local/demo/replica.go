package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/demo/internal/ports"
)

// addresses are the variables that two processes on one machine cannot share, and names that must differ.
var addresses = map[string][]string{
	"orchestrator": {"CHIMERA_ADDR", "CHIMERA_INTERNAL_ADDR", "CHIMERA_OPS_ADDR"},
	"worker":       {"CHIMERA_OPS_ADDR"},
}

// runReplica builds a service from the working tree and becomes it, in the environment of the demo that runs, on
// ports of its own: one more replica, with its log in this terminal.
func runReplica(f folder.Folder, root, name string) error {
	own, known := addresses[name]
	if !known {
		return fmt.Errorf("run what? %q is none of orchestrator, worker, platform", name)
	}
	if f.Running() == 0 {
		return fmt.Errorf("no demo runs in %s to join: start it with: make demo", f.Dir)
	}
	body, err := os.ReadFile(f.Path("env", name+".env"))
	if err != nil {
		return err
	}
	env := strings.Split(strings.TrimSpace(string(body)), "\n")
	port := 7900
	for _, key := range own {
		for ; !ports.Free(port); port++ {
			if port > 8100 {
				return fmt.Errorf("no free port between 7900 and 8100")
			}
		}
		env = set(env, key, ports.Address(port))
		fmt.Fprintln(os.Stderr, key+"="+ports.Address(port))
		port++
	}
	env = set(env, "CHIMERA_BUS_CONSUMER", fmt.Sprintf("%s-%d", name, os.Getpid()))
	binary := filepath.Join(f.Dir, "bin", name+"-replica")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "./services/"+name+"/cmd/"+name)
	build.Dir, build.Stderr = root, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build %s: %w", name, err)
	}
	return syscall.Exec(binary, []string{name}, env)
}

func set(env []string, key, value string) []string {
	for i := range env {
		if strings.HasPrefix(env[i], key+"=") {
			env[i] = key + "=" + value
			return env
		}
	}
	return append(env, key+"="+value)
}
