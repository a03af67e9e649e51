package parts

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"chimera/infra/local/internal/install"
	"chimera/infra/local/oidc"
	"chimera/infra/local/proc"
)

// OIDCOptions choose how the OIDC provider runs.
type OIDCOptions struct {
	Options
	Users   string // path of a JSON array of oidc.User, read at start
	Clients string // path of a JSON array of oidc.Client, read at start
}

// OIDC starts the local OIDC provider; URL is the issuer. Its keys are kept in Dir; its sessions and
// refresh tokens end with the process. ErrAbsent without Node 20 or newer and npm.
func OIDC(ctx context.Context, o OIDCOptions) (*Server, error) {
	dir, err := makeDir(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("oidc: %w", err)
	}
	node, err := findNode(ctx)
	if err != nil {
		return nil, fmt.Errorf("oidc: %w", err)
	}
	tree := install.Tree{Name: "oidc", Files: oidc.Files, Note: "the OIDC provider (40 npm packages, a few seconds)"}
	home, err := install.NPM(ctx, tree, o.say)
	if err != nil {
		return nil, fmt.Errorf("oidc: %w: %w", ErrAbsent, err)
	}
	scripts, err := install.Scripts(oidc.Files, home)
	if err != nil {
		return nil, fmt.Errorf("oidc: %w", err)
	}
	port, err := choosePort(dir, "port", o.Port)
	if err != nil {
		return nil, fmt.Errorf("oidc: %w", err)
	}
	paths := [2]string{o.Users, o.Clients}
	for i, path := range paths {
		if paths[i], err = filepath.Abs(path); err != nil {
			return nil, fmt.Errorf("oidc: %w", err)
		}
	}
	s := &Server{Name: "oidc", URL: "http://" + address(port), Dir: dir, Log: filepath.Join(dir, "oidc.log")}
	s.launch = func(ctx context.Context) (Run, error) {
		return startAgain(ctx, proc.Command{
			Path: node, Dir: dir, Log: s.Log, StopSignal: syscall.SIGTERM,
			Args: []string{filepath.Join(scripts, "server.mjs"), "--port", strconv.Itoa(port), "--data", dir, "--users", paths[0], "--clients", paths[1]},
			Env:  []string{"PATH=" + os.Getenv("PATH"), "NODE_ENV=production"},
		}, answers200(s.URL+"/.well-known/openid-configuration"))
	}
	return s, s.Start(ctx)
}

// findNode gives the path of a Node that runs the OIDC provider.
func findNode(ctx context.Context) (string, error) {
	path, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("%w: no node on PATH; install Node 20 or newer with npm (Debian: apt-get install nodejs npm)", ErrAbsent)
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", path, err)
	}
	version := strings.TrimPrefix(strings.TrimSpace(string(out)), "v")
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < 20 {
		return "", fmt.Errorf("%w: %s is version %s; install Node 20 or newer with npm", ErrAbsent, path, version)
	}
	return path, nil
}
