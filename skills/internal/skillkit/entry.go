package skillkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
)

const defaultTimeout = 20 * time.Second

type kind uint8

const (
	kindRead kind = iota
	kindEffect
)

type (
	readFunc    func(ctx context.Context, c *Call, args json.RawMessage) (any, Report, error)
	prepareFunc func(ctx context.Context, c *Call, args json.RawMessage) (plan any, r Report, apply applyFunc, err error)
	applyFunc   func(ctx context.Context, p Permit) (any, Report, error)
)

// entry is one registered tool. An effect has no way to run but prepare, and prepare hands out apply as a
// value that only the chain's last step calls, after redemption.
type entry struct {
	Tool
	kind    kind
	schema  *jsonschema.Schema
	output  *jsonschema.Schema
	in, out *jsonschema.Resolved
	digest  string
	read    readFunc
	prepare prepareFunc
	// raw is set only for the conformance suite's fixtures, which answer in MCP's own terms.
	raw mcp.ToolHandler
}

// newEntry panics when a tool's types have no schema: that is a defect found at start, not at a call.
func newEntry[In any](t Tool, k kind, output *jsonschema.Schema) *entry {
	if t.Timeout <= 0 {
		t.Timeout = defaultTimeout
	}
	e := &entry{Tool: t, kind: k, schema: schemaOf[In](), output: output}
	e.in, e.out = resolve(t.Name, e.schema), resolve(t.Name, e.output)
	return e
}

func (e *entry) tool() *mcp.Tool {
	destructive, open := e.kind == kindEffect, e.OpenWorld
	return &mcp.Tool{
		Name: e.Name, Title: e.Title, Description: e.Description, InputSchema: e.schema, OutputSchema: e.output,
		// Clients take an absent destructive or open-world hint for true, so both are always said.
		Annotations: &mcp.ToolAnnotations{
			Title: e.Title, ReadOnlyHint: e.kind == kindRead, DestructiveHint: &destructive,
			IdempotentHint: e.Idempotent, OpenWorldHint: &open,
		},
	}
}

func (e *entry) measure(skill string) error {
	t := e.tool()
	digest, _, err := toolmeta.Descriptor(skill, t.Name, t.Description, t.InputSchema, t.OutputSchema, t.Annotations)
	e.digest = digest
	return err
}

func schemaOf[T any]() *jsonschema.Schema {
	s, err := jsonschema.For[T](nil)
	if err != nil {
		panic(fmt.Sprintf("skillkit: no schema for %T: %v", *new(T), err))
	}
	if s.Type != "object" {
		panic(fmt.Sprintf("skillkit: %T must be a struct or a map", *new(T)))
	}
	return s
}

func either(a, b *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "object", AnyOf: []*jsonschema.Schema{a, b}}
}

func resolve(tool string, s *jsonschema.Schema) *jsonschema.Resolved {
	r, err := s.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	if err != nil {
		panic(fmt.Sprintf("skillkit: tool %s: %v", tool, err))
	}
	return r
}

// check holds JSON against a schema.
func check(r *jsonschema.Resolved, raw json.RawMessage) error {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	return r.Validate(v)
}

func decode[In any](args json.RawMessage) (in In, err error) {
	dec := json.NewDecoder(bytes.NewReader(args))
	if err = dec.Decode(&in); err != nil {
		return in, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the arguments do not fit the tool's input")
	}
	return in, nil
}
