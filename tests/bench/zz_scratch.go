//go:build scratch

package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/stage"
)

func init() {
	if len(os.Args) > 1 && os.Args[1] == "explain" {
		if err := explain(context.Background()); err != nil {
			fmt.Println(err)
		}
		os.Exit(0)
	}
}

func explain(ctx context.Context) (err error) {
	s, err := open(ctx, stage.Options{Say: say})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, q := range []string{
		"alter role chimera_app set session_preload_libraries = 'auto_explain'",
		"alter role chimera_app set auto_explain.log_min_duration = 0",
		"alter role chimera_app set auto_explain.log_analyze = on",
		"alter role chimera_app set auto_explain.log_timing = " + os.Args[2],
		"alter role chimera_app set auto_explain.log_triggers = on",
		"alter role chimera_app set auto_explain.log_nested_statements = on",
	} {
		if os.Args[2] == "none" {
			break
		}
		if _, err := s.Database.Exec(ctx, q); err != nil {
			return err
		}
	}
	if err := s.Restart(ctx); err != nil {
		return err
	}
	if err := s.Work(ctx, stage.InProcessWorker); err != nil {
		return err
	}
	work := measure.Ours{Stage: s, Kind: stage.InProcessWorker, Shape: stage.Hundred}
	for range 2 {
		r, err := work.Run(ctx, 30)
		if err != nil {
			return err
		}
		fmt.Fprintln(os.Stdout, r)
	}
	raw, err := os.ReadFile(s.Postgres.Log)
	if err != nil {
		return err
	}
	return os.WriteFile("/tmp/A-pg.log", raw, 0o600)
}
