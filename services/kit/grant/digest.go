package grant

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

// maxDepth bounds nesting of canonicalised JSON, so that hostile input cannot exhaust the stack.
const maxDepth = 64

// Canonical re-encodes one JSON value with sorted keys, no spaces, numbers as written and no HTML escapes.
// Two encodings of the same value give the same bytes, so re-encoding by an MCP library between the
// approval and the effect cannot break, or fake, a binding. It fails on trailing data, on duplicate
// keys and on nesting deeper than 64.
func Canonical(raw []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	v, err := readValue(dec, 0)
	if err != nil {
		return nil, fmt.Errorf("canonical json: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("canonical json: trailing data")
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("canonical json: %w", err)
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

func readValue(dec *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		object := map[string]any{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			name, _ := key.(string)
			if _, twice := object[name]; twice {
				// Readers disagree on which of two equal keys counts: approve one, publish the other.
				return nil, fmt.Errorf("duplicate key %q", name)
			}
			if object[name], err = readValue(dec, depth+1); err != nil {
				return nil, err
			}
		}
		_, err := dec.Token()
		return object, err
	case json.Delim('['):
		array := []any{}
		for dec.More() {
			item, err := readValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			array = append(array, item)
		}
		_, err := dec.Token()
		return array, err
	}
	return tok, nil
}

// PayloadSHA256 is the hash a grant binds: lower-case hex SHA-256 of the canonical arguments.
func PayloadSHA256(argumentsJSON []byte) (string, error) {
	canonical, err := Canonical(argumentsJSON)
	if err != nil {
		return "", err
	}
	return Hex(canonical), nil
}

// SpecDigest is the digest of a task's specification that a claim is fenced by.
func SpecDigest(spec *busv1.TaskSpec) (string, error) {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(spec)
	if err != nil {
		return "", fmt.Errorf("spec digest: %w", err)
	}
	return Hex(raw), nil
}

// ToolDescriptor is what a tool's digest covers: all that a planner, a model or a person goes by.
type ToolDescriptor struct {
	Name         string          `json:"name"`
	Description  string          `json:"description"`
	InputSchema  json.RawMessage `json:"input_schema"`
	OutputSchema json.RawMessage `json:"output_schema,omitempty"`
	Annotations  json.RawMessage `json:"annotations,omitempty"`
}

// Digest returns the pinned digest of a tool and the canonical JSON it was taken over. Name is the qualified
// "skill.tool", so that one skill cannot pass for another.
func (d ToolDescriptor) Digest() (digest string, canonical []byte, err error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return "", nil, fmt.Errorf("tool digest: %w", err)
	}
	if canonical, err = Canonical(raw); err != nil {
		return "", nil, err
	}
	return Hex(canonical), canonical, nil
}

// Hex is lower-case hex SHA-256.
func Hex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
