package measure

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"chimera/tests/bench/internal/stage"
)

// profiles takes CPU profiles of the orchestrator and the worker, a second each one after the other, until ctx ends;
// `go tool pprof FOLDER/orchestrator-*.pprof` merges them.
func profiles(ctx context.Context, s *stage.Stage, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var g errgroup.Group
	for _, name := range []string{"orchestrator", "worker"} {
		g.Go(func() error {
			for n := 0; ctx.Err() == nil; n++ {
				if err := profile(ctx, s.Ops(name), filepath.Join(folder, fmt.Sprintf("%s-%03d.pprof", name, n))); err != nil {
					return fmt.Errorf("profile of the %s: %w", name, err)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func profile(ctx context.Context, address, file string) error {
	// The last second outlives the work: a profile cut short is none.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/debug/pprof/profile?seconds=1", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %w", res.Status, err)
	}
	return os.WriteFile(file, raw, 0o600)
}
