package skillkit

import (
	"context"
	"encoding/json"
	"errors"
	"math"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
)

// encode checks a tool's output against its own schema and the size limit.
func (s *Server) encode(inv *invocation, value any) (*mcp.CallToolResult, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, typev1.Reason_REASON_OUTPUT_INVALID, "the tool's output cannot be encoded")
	}
	if len(raw) > maxOutput {
		return nil, errs.Newf(errs.Internal, typev1.Reason_REASON_TOO_LARGE, "the tool's output has %d bytes; the limit is %d", len(raw), maxOutput)
	}
	if err := check(inv.entry.out, raw); err != nil {
		return nil, errs.Wrap(err, errs.Internal, typev1.Reason_REASON_OUTPUT_INVALID, "the tool's output breaks its own schema")
	}
	return &mcp.CallToolResult{StructuredContent: json.RawMessage(raw), Content: []mcp.Content{&mcp.TextContent{Text: string(raw)}}}, nil
}

// answer puts report, outcome and error into the result. Protocol errors pass as they are.
func (s *Server) answer(next handler) handler {
	return func(ctx context.Context, inv *invocation) error {
		if inv.entry == nil {
			// The SDK's own answer to an unknown tool is the standard one.
			return s.perform(ctx, inv)
		}
		err := next(ctx, inv)
		var wire *jsonrpc.Error
		if errors.As(err, &wire) {
			return wire
		}
		if err != nil {
			inv.refusal, inv.cause = failed(err), err
			// Through the library once more: it alone can make a result complete in the newest protocol version.
			if err := s.perform(ctx, inv); err != nil {
				return err
			}
		}
		if inv.entry.raw == nil {
			set(inv.result, toolmeta.ReportKey, normalise(inv.report))
		}
		if inv.outcome != "" {
			set(inv.result, toolmeta.OutcomeKey, string(inv.outcome))
		}
		return nil
	}
}

func failed(err error) *mcp.CallToolResult {
	e := toolmeta.FromError(err)
	r := &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: e.Message}}}
	set(r, toolmeta.ErrorKey, e)
	return r
}

func set(r *mcp.CallToolResult, key string, value any) {
	if r.Meta == nil {
		r.Meta = mcp.Meta{}
	}
	r.Meta[key] = value
}

// normalise makes a report's confidence a number in 0–1. A tool that names no basis gets no confidence: that
// sends its output to a person rather than past one (R10.1).
func normalise(r Report) Report {
	if math.IsNaN(r.Confidence) || r.Confidence < 0 || r.Basis == "" {
		r.Confidence = 0
	}
	r.Confidence = min(r.Confidence, 1)
	if r.Basis == "" {
		r.Basis = "the tool states no basis"
	}
	return r
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}
