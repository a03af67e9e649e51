package planner

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// reference is a template's place to fill: an object with exactly one key that starts with "$".
type reference struct {
	// source is "from", "method", "persona", "campaign", "account", "param", "remarks", "previous" or "limit".
	source string
	// name is the key's value: a field's name, or for "from" a path like "collect.output.trends".
	name string
	// The rest may stand beside "$from" only.
	fallback    any
	hasFallback bool
	// maxItems cuts a list, maxChars every text in the value; 0 leaves them whole.
	maxItems, maxChars int
	// fields keeps only these of every object in a list.
	fields []string
}

var referable = map[string][]string{
	"persona":  {"voice", "audience", "topics", "never", "language", "hashtags"},
	"campaign": {"id", "agent_id", "goal"},
	"account":  {"id", "platform", "handle"},
	"param":    {"feeds", "keywords", "hacker_news"},
	"remarks":  {"all"},
	"previous": {"text"},
	"limit":    {"max_graphemes"},
}

// parseReference returns nil for an object that is none.
func parseReference(object map[string]any) (*reference, error) {
	ref := &reference{}
	for key, value := range object {
		source, is := strings.CutPrefix(key, "$")
		if !is {
			continue
		}
		if ref.source != "" {
			return nil, errors.New(`an object holds more than one "$" key`)
		}
		ref.source = source
		ref.name, _ = value.(string)
	}
	if ref.source == "" {
		return nil, nil
	}
	for key, value := range object {
		if strings.HasPrefix(key, "$") {
			continue
		}
		if ref.source != "from" {
			return nil, fmt.Errorf("$%s takes no %q", ref.source, key)
		}
		if err := ref.option(key, value); err != nil {
			return nil, err
		}
	}
	return ref, nil
}

func (r *reference) option(key string, value any) error {
	var ok bool
	switch key {
	case "default":
		r.fallback, r.hasFallback, ok = value, true, true
	case "limit":
		r.maxItems, ok = count(value)
	case "max_chars":
		r.maxChars, ok = count(value)
	case "fields":
		list, _ := value.([]any)
		for _, v := range list {
			if name, is := v.(string); is {
				r.fields = append(r.fields, name)
			}
		}
		ok = len(list) > 0 && len(r.fields) == len(list)
	}
	if !ok {
		return fmt.Errorf("$from: %q: unknown option or unusable value %v", key, value)
	}
	return nil
}

// step is the first part of a "from" or "method" reference, path what follows "output".
func (r *reference) step() (key, path string) {
	key, rest, _ := strings.Cut(r.name, ".")
	_, path, _ = strings.Cut(rest, ".")
	return key, path
}

func (s *step) validateTemplate(value any) error {
	switch v := value.(type) {
	case map[string]any:
		ref, err := parseReference(v)
		if err != nil {
			return err
		}
		if ref != nil {
			return s.validateReference(ref)
		}
		for _, item := range v {
			if err := s.validateTemplate(item); err != nil {
				return err
			}
		}
	case []any:
		for _, item := range v {
			if err := s.validateTemplate(item); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *step) validateReference(r *reference) error {
	switch r.source {
	case "from", "method":
		key, rest, _ := strings.Cut(r.name, ".")
		if r.source == "from" && rest != "output" && !strings.HasPrefix(rest, "output.") {
			return fmt.Errorf(`$from %q is not of the form "step.output.path"`, r.name)
		}
		if !slices.Contains(s.DependsOn, key) {
			return fmt.Errorf("$%s %q: %q is not among depends_on", r.source, r.name, key)
		}
		if s.Kind == "effect" && (r.maxItems > 0 || r.maxChars > 0) {
			return fmt.Errorf("$from %q: an effect's arguments are never shortened", r.name)
		}
		return nil
	case "account", "limit":
		if !s.PerAccount {
			return fmt.Errorf("$%s: the step is not per_account", r.source)
		}
	case "remarks", "previous":
		if s.Kind != "draft" {
			return fmt.Errorf("$%s: only drafts are revised", r.source)
		}
	}
	if !slices.Contains(referable[r.source], r.name) {
		return fmt.Errorf("unknown reference $%s: %q", r.source, r.name)
	}
	return nil
}
