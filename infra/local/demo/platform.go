package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/demo/internal/ports"
	"chimera/infra/local/demo/internal/system"
)

// runPlatform becomes the Platform's development server, against the demo that runs, with its log in this terminal.
// The address is fixed: the identity provider sends people back to no other.
func runPlatform(ctx context.Context, f folder.Folder, root string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	state, err := f.AwaitReady(ctx)
	if err != nil {
		return err
	}
	own, err := os.ReadFile(f.Path("env", "platform.env"))
	if errors.Is(err, os.ErrNotExist) {
		return errors.New("the demo that runs is older than the Platform: restart it, then try again")
	}
	if err != nil {
		return err
	}
	address, err := url.Parse(state.PlatformDev)
	if err != nil {
		return fmt.Errorf("the Platform's address: %w", err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		return fmt.Errorf("the Platform's address %q: %w", state.PlatformDev, err)
	}
	if !ports.Free(port) {
		return fmt.Errorf("something listens on %s already: the Platform, if you started it before; else stop it, or stop the demo and delete %s", address.Host, f.Path("ports.json"))
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("the Platform needs Node 20.9 or newer with npm: %w", err)
	}
	if err := os.Chdir(filepath.Join(root, "apps", "platform")); err != nil {
		return err
	}
	fmt.Printf("\n  the Platform     %s\n  users            %s\n  passwords        make demo and make up print them\n\n", state.PlatformDev, system.Usernames())
	env := set(os.Environ(), "NEXT_TELEMETRY_DISABLED", "1") // nothing here calls home
	for line := range strings.SplitSeq(strings.TrimSpace(string(own)), "\n") {
		key, value, _ := strings.Cut(line, "=")
		env = set(env, key, value)
	}
	return syscall.Exec(npm, []string{"npm", "run", "dev", "--", "--port", strconv.Itoa(port)}, env)
}
