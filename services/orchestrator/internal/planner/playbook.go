package planner

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"chimera/services/orchestrator/internal/planner/accept"
)

//go:embed playbooks/*.yaml
var files embed.FS

// Built once from embedded files: a mistake in them is a defect of the build and stops the process at once.
var books = must(load(files, "playbooks"))

// Playbook describes a plan this build knows.
type Playbook struct {
	Name, Title, Description string
	// Nodes are the steps' keys, every dependency before its dependents.
	Nodes []string
}

// Playbooks lists the known playbooks by name.
func Playbooks() []Playbook {
	var list []Playbook
	for _, name := range slices.Sorted(maps.Keys(books)) {
		b := books[name]
		p := Playbook{Name: b.Name, Title: b.Title, Description: b.Description}
		for _, s := range b.ordered {
			p.Nodes = append(p.Nodes, s.Key)
		}
		list = append(list, p)
	}
	return list
}

type book struct {
	Name        string `yaml:"name"`
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
	Nodes       []step `yaml:"nodes"`

	ordered []step
}

// step is a node before it is spread over accounts.
type step struct {
	Key         string         `yaml:"key"`
	Title       string         `yaml:"title"`
	Tool        string         `yaml:"tool"`
	Kind        string         `yaml:"kind"`
	PerAccount  bool           `yaml:"per_account"`
	DependsOn   []string       `yaml:"depends_on"`
	Arguments   map[string]any `yaml:"arguments"`
	Accept      []accept.Rule  `yaml:"accept"`
	Timeout     time.Duration  `yaml:"timeout"`
	MaxAttempts int32          `yaml:"max_attempts"`
	Priority    int32          `yaml:"priority"`
	// Delay applies unless the campaign sets the parameter named by DelayParam.
	Delay      time.Duration `yaml:"delay"`
	DelayParam string        `yaml:"delay_param"`

	template []byte
	// shared holds the dependencies that are done once for all accounts.
	shared map[string]bool
}

func load(fsys fs.FS, dir string) (map[string]*book, error) {
	paths, err := fs.Glob(fsys, dir+"/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("playbooks: %w", err)
	}
	all := make(map[string]*book, len(paths))
	for _, path := range paths {
		raw, err := fs.ReadFile(fsys, path)
		if err != nil {
			return nil, fmt.Errorf("playbooks: %w", err)
		}
		b, err := parse(raw)
		if err != nil {
			return nil, fmt.Errorf("playbook %s: %w", path, err)
		}
		if all[b.Name] != nil {
			return nil, fmt.Errorf("playbook %s: %q is already defined", path, b.Name)
		}
		all[b.Name] = b
	}
	return all, nil
}

// parse refuses unknown keys, so that a misspelt "depends_on" cannot read as "depends on nothing".
func parse(raw []byte) (*book, error) {
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	b := &book{}
	if err := dec.Decode(b); err != nil {
		return nil, err
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("want exactly one document")
	}
	return b, b.validate()
}

func must(all map[string]*book, err error) map[string]*book {
	if err != nil {
		panic(err)
	}
	return all
}
