package planner

import (
	"encoding/json"
	"slices"
	"strconv"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/planner/jsonpath"
)

func (b *binder) from(r *reference) (any, error) {
	key, path := r.step()
	_, value, err := b.output(key)
	if err != nil {
		return nil, err
	}
	found, ok := jsonpath.Get(value, path)
	if !ok {
		if r.hasFallback {
			return r.fallback, nil
		}
		return nil, errs.Newf(errs.Invalid, typev1.Reason_REASON_OUTPUT_INVALID, "step %s needs %s, which the earlier result does not hold", b.node.Key, r.name)
	}
	return r.shorten(found), nil
}

// output finds a dependency by its playbook key: the shared step, or this account's.
func (b *binder) output(key string) (Output, any, error) {
	full := key
	if !slices.Contains(b.node.DependsOn, key) {
		full = key + ":" + b.node.AccountID
	}
	out, ok := b.outputs[full]
	if !ok || !slices.Contains(b.node.DependsOn, full) {
		return Output{}, nil, errs.Newf(errs.Conflict, typev1.Reason_REASON_WRONG_STATE, "step %s cannot start: %s has no output yet", b.node.Key, full)
	}
	b.tainted = b.tainted || out.Tainted
	if value, done := b.decoded[full]; done {
		return out, value, nil
	}
	value, err := jsonpath.Decode(out.JSON)
	if err != nil {
		return Output{}, nil, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_OUTPUT_INVALID, "the output of "+full+" is not one JSON value")
	}
	b.decoded[full] = value
	return out, value, nil
}

// shorten applies the template's bounds; always from the front, so that the same value is cut the same way.
func (r *reference) shorten(value any) any {
	items, isList := value.([]any)
	if isList {
		if r.maxItems > 0 && len(items) > r.maxItems {
			items = items[:r.maxItems]
		}
		items = slices.Clone(items)
		for i := range items {
			items[i] = r.project(items[i])
		}
		value = items
	}
	if r.maxChars > 0 {
		value = cut(value, r.maxChars)
	}
	return value
}

func (r *reference) project(item any) any {
	object, is := item.(map[string]any)
	if !is || len(r.fields) == 0 {
		return item
	}
	kept := make(map[string]any, len(r.fields))
	for _, name := range r.fields {
		if v, ok := object[name]; ok {
			kept[name] = v
		}
	}
	return kept
}

func cut(value any, maxChars int) any {
	switch v := value.(type) {
	case string:
		if runes := []rune(v); len(runes) > maxChars {
			return string(runes[:maxChars-1]) + "…"
		}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = cut(v[i], maxChars)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key := range v {
			out[key] = cut(v[key], maxChars)
		}
		return out
	}
	return value
}

// count reads a positive whole number from YAML (at load) or JSON (at bind).
func count(value any) (int, bool) {
	n := 0
	switch v := value.(type) {
	case int:
		n = v
	case json.Number:
		n, _ = strconv.Atoi(v.String())
	}
	return n, n > 0
}
