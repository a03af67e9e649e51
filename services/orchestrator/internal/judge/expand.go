package judge

import (
	"errors"
	"strings"
)

// maxNodes bounds a schema with its references followed; maxWork that times the values it is held against. The
// validator follows a reference to itself until the stack ends, which no recover catches, and takes exponential time
// over references that fan out. A schema is its tool's own text: anybody's.
const (
	maxNodes = 20_000
	maxWork  = 5_000_000
)

var (
	errRecursive = errors.New("the schema refers to itself, which is not supported: write out as many levels as the output has")
	errCostly    = errors.New("the schema and the output are too large to be held against each other")
	errReference = errors.New(`the schema refers by other means than "#/…", which is not supported`)
)

// expansion counts what a validator walks through in a schema.
type expansion struct {
	root any
	// done holds what a reference's target amounts to; -1 while it is being counted.
	done map[string]int
}

// expanded is the schema's size in values, each reference counted as what it leads to.
func expanded(schema any) (int, error) {
	e := expansion{root: schema, done: map[string]int{"#": -1}}
	return e.count(schema, true)
}

func (e expansion) count(value any, top bool) (int, error) {
	n := 1
	add := func(child any) error {
		m, err := e.count(child, false)
		if n += m; err == nil && n > maxNodes {
			err = errCostly
		}
		return err
	}
	switch v := value.(type) {
	case []any:
		for _, child := range v {
			if err := add(child); err != nil {
				return 0, err
			}
		}
	case map[string]any:
		for key, child := range v {
			target, isText := child.(string)
			switch {
			case key == "$ref" && isText:
				m, err := e.follow(target)
				if err != nil {
					return 0, err
				}
				n += m
			case isText && (key == "$dynamicRef" || key == "$recursiveRef" || (key == "$id" && !top)):
				// The last moves where "#" is.
				return 0, errReference
			default:
				if err := add(child); err != nil {
					return 0, err
				}
			}
		}
	}
	if n > maxNodes {
		return 0, errCostly
	}
	return n, nil
}

func (e expansion) follow(ref string) (int, error) {
	if n, seen := e.done[ref]; seen {
		if n < 0 {
			return 0, errRecursive
		}
		return n, nil
	}
	pointer, local := strings.CutPrefix(ref, "#/")
	if !local || strings.Contains(ref, "%") {
		return 0, errReference
	}
	target := e.root
	for part := range strings.SplitSeq(pointer, "/") {
		object, ok := target.(map[string]any)
		if !ok {
			return 0, errReference
		}
		target = object[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
	}
	e.done[ref] = -1
	n, err := e.count(target, false)
	e.done[ref] = n
	return n, err
}

// values counts the parts of a JSON value.
func values(value any) int {
	n := 1
	switch v := value.(type) {
	case []any:
		for _, child := range v {
			n += values(child)
		}
	case map[string]any:
		for _, child := range v {
			n += values(child)
		}
	}
	return n
}
