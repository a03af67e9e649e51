// Package jsonpath reads one value out of decoded JSON by a dotted path.
package jsonpath

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Decode reads one JSON value; numbers stay as written, so that passing them on cannot change them.
func Decode(raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("trailing data after the JSON value")
	}
	return v, nil
}

// Get follows "a.0.b" through objects and arrays; the empty path is the value itself. A null counts as
// absent: nobody can tell "not given" from "given as nothing".
func Get(value any, path string) (any, bool) {
	if path != "" {
		for segment := range strings.SplitSeq(path, ".") {
			switch node := value.(type) {
			case map[string]any:
				value = node[segment]
			case []any:
				i, err := strconv.Atoi(segment)
				if err != nil || i < 0 || i >= len(node) {
					return nil, false
				}
				value = node[i]
			default:
				return nil, false
			}
		}
	}
	return value, value != nil
}
