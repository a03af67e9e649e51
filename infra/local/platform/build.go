// Package platform builds the Platform's production server from the working tree, once for each state of its sources.
package platform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"chimera/infra/local/internal/install"
)

// Server is, inside a build, what Node runs.
var Server = filepath.Join("apps", "platform", "server.js")

// app is the Platform's folder in the repository, and in every build: the bundler wants them alike.
var app = filepath.Join("apps", "platform")

// Build returns the folder of a finished build of root's sources; Server lies in it. One that was built before is
// taken as it is: starting again costs nothing. It builds from a copy, so that a development server in the tree is
// left alone. Errors: no Node 20.9 or newer with npm, packages that cannot be fetched, sources that do not compile;
// the last quote the compiler.
func Build(ctx context.Context, root string, say func(string)) (string, error) {
	files, err := sources(root)
	if err != nil {
		return "", fmt.Errorf("the Platform's sources: %w", err)
	}
	key, err := fingerprint(root, files)
	if err != nil {
		return "", fmt.Errorf("the Platform's sources: %w", err)
	}
	dir, err := install.Once(ctx, "platform", key, say, func(work string) error {
		start := time.Now()
		packages, err := packages(ctx, root, say)
		if err != nil {
			return err
		}
		say("building the Platform (about a minute, once for each change of it)")
		if err := build(ctx, root, files, packages, work); err != nil {
			return err
		}
		say(fmt.Sprintf("built the Platform in %.0f s", time.Since(start).Seconds()))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("build the Platform: %w", err)
	}
	return dir, prune(dir)
}

// packages installs what the lockfile names, apart from the builds: it changes rarely and takes most of the bytes.
func packages(ctx context.Context, root string, say func(string)) (string, error) {
	lockfile, err := os.ReadFile(filepath.Join(root, app, "package-lock.json"))
	if err != nil {
		return "", err
	}
	return install.Once(ctx, "platform-packages", string(lockfile), say, func(work string) error {
		say("installing the Platform's packages (about 400 from npm)")
		// The generated clients are a link to a sibling; npm reads what it points to.
		pinned := []string{filepath.Join(app, "package.json"), filepath.Join(app, "package-lock.json"), filepath.Join(app, ".npmrc"), filepath.Join("gen", "ts", "package.json")}
		if err := copyAll(root, work, pinned); err != nil {
			return err
		}
		err := install.Run(ctx, filepath.Join(work, app), filepath.Join(filepath.Dir(work), "platform.install.log"), nil, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
		if errors.Is(err, install.ErrTool) {
			return fmt.Errorf("no Node 20.9 or newer with npm (Debian: apt-get install nodejs npm): %w", err)
		}
		return err
	})
}

// build compiles in a folder inside work, leaves there what the server needs, and deletes the rest.
func build(ctx context.Context, root string, files []string, packages, work string) error {
	tree := filepath.Join(work, "tree")
	if err := copyAll(root, tree, files); err != nil {
		return err
	}
	log := filepath.Join(filepath.Dir(work), "platform.build.log")
	// Hard links: half a gigabyte of packages is there at once and takes no room.
	if err := install.Run(ctx, tree, log, nil, "cp", "-al", filepath.Join(packages, app, "node_modules"), app); err != nil {
		return err
	}
	if err := install.Run(ctx, filepath.Join(tree, app), log, []string{"NEXT_TELEMETRY_DISABLED=1", "NODE_ENV=production"}, "npm", "run", "build"); err != nil {
		return err
	}
	next := filepath.Join(tree, app, ".next")
	// The server does not carry what browsers fetch: Next.js leaves these to a cache in front, which there is none of here.
	moves := [][2]string{
		{filepath.Join(next, "standalone", "apps"), filepath.Join(work, "apps")},
		{filepath.Join(next, "static"), filepath.Join(work, app, ".next", "static")},
	}
	for _, optional := range [][2]string{
		{filepath.Join(next, "standalone", "node_modules"), filepath.Join(work, "node_modules")},
		{filepath.Join(tree, app, "public"), filepath.Join(work, app, "public")},
	} {
		if _, err := os.Stat(optional[0]); err == nil {
			moves = append(moves, optional)
		}
	}
	for _, move := range moves {
		if err := os.Rename(move[0], move[1]); err != nil {
			return err
		}
	}
	return os.RemoveAll(tree)
}
