package install

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Debian unpacks Debian packages into the cache without installing them, so it needs no root and starts
// no service. It works on Debian's family only; ErrTool elsewhere.
func Debian(ctx context.Context, name string, packages []string, say func(string)) (string, error) {
	return Once(ctx, name, strings.Join(packages, " "), say, func(dir string) error {
		say("unpacking " + strings.Join(packages, ", ") + " (Debian packages, a few MB)")
		log := filepath.Join(filepath.Dir(dir), name+".install.log")
		debs := filepath.Join(dir, "debs")
		if err := os.Mkdir(debs, 0o755); err != nil {
			return fmt.Errorf("install %s: %w", name, err)
		}
		if err := download(ctx, debs, log, packages, say); err != nil {
			return fmt.Errorf("install %s: %w", name, err)
		}
		files, err := filepath.Glob(filepath.Join(debs, "*.deb"))
		if err != nil || len(files) < len(packages) {
			return fmt.Errorf("install %s: got %d of %d packages; see %s", name, len(files), len(packages), log)
		}
		for _, file := range files {
			if err := Run(ctx, dir, log, nil, "dpkg", "-x", file, dir); err != nil {
				return fmt.Errorf("install %s: %w", name, err)
			}
		}
		return os.RemoveAll(debs)
	})
}

// download tries the machine's own package lists first; where they are missing or old, it fetches lists
// into a folder of its own, which needs no root either.
func download(ctx context.Context, debs, log string, packages []string, say func(string)) error {
	get := append([]string{"-q", "download"}, packages...)
	first := Run(ctx, debs, log, nil, "apt-get", append(sandbox(), get...)...)
	if first == nil || ctx.Err() != nil {
		return first
	}
	say("fetching Debian's package lists")
	state := filepath.Join(filepath.Dir(debs), "apt")
	defer func() { _ = os.RemoveAll(state) }()
	for _, sub := range []string{"lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(state, sub), 0o755); err != nil {
			return err
		}
	}
	own := append(sandbox(), "-o", "Dir::State::Lists="+filepath.Join(state, "lists"), "-o", "Dir::Cache="+filepath.Join(state, "cache"))
	if err := Run(ctx, debs, log, nil, "apt-get", append(own, "-q", "update")...); err != nil {
		return err
	}
	return Run(ctx, debs, log, nil, "apt-get", append(own, get...)...)
}

// sandbox keeps apt from switching to its own account, which could not write into our folder.
func sandbox() []string {
	return []string{"-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=2"}
}
