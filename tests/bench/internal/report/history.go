package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Last reads the newest report of a folder that was made at the same scale; nil if there is none.
func Last(folder string, scale float64) (*Report, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names) // they begin with the time
	for _, name := range slices.Backward(names) {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		r := &Report{}
		if err := json.Unmarshal(raw, r); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if r.Scale == scale {
			return r, nil
		}
	}
	return nil, nil
}

// Save adds the report to the folder, which it makes.
func (r *Report) Save(folder string) (string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return "", err
	}
	name := filepath.Join(folder, r.At.UTC().Format("20060102T150405Z")+".json")
	return name, os.WriteFile(name, raw, 0o600)
}

// Regressions are the figures that are more than a quarter worse than in the former report. Ratios of times count only
// when the machine was quiet both times; skipped says how many were left out for that.
func (r *Report) Regressions(former *Report) (worse []string, skipped int) {
	if former == nil {
		return nil, 0
	}
	for _, g := range r.Goals {
		at := slices.IndexFunc(former.Goals, func(f Goal) bool { return f.Name == g.Name })
		if at < 0 {
			continue
		}
		if !g.Counted && !(r.Quiet() && former.Quiet()) {
			skipped++
			continue
		}
		if by := g.Worse(former.Goals[at].Value); by > tolerance {
			worse = append(worse, fmt.Sprintf("%s: %.3f, %.0f %% worse than %.3f", g.Name, g.Value, by*100, former.Goals[at].Value))
		}
	}
	return worse, skipped
}
