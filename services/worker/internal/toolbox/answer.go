package toolbox

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
)

// maxOutput is the largest output a Result can carry.
const maxOutput = 256 << 10

// read takes a tool's result apart. Nothing in it is believed further than its type: an effect without a
// stated outcome is unknown.
func read(res *mcp.CallToolResult, effect bool) Answer {
	a := Answer{}
	var ok bool
	if a.Report, ok = toolmeta.Decode[toolmeta.Report](res.Meta, toolmeta.ReportKey); !ok {
		a.Report = toolmeta.Report{Basis: "the tool sent no report"}
	}
	if effect {
		a.Outcome = toolmeta.Unknown
		if s, _ := res.Meta[toolmeta.OutcomeKey].(string); s == string(toolmeta.Done) || s == string(toolmeta.NotDone) {
			a.Outcome = toolmeta.Outcome(s)
		}
	}
	if res.IsError {
		e, ok := toolmeta.Decode[toolmeta.Error](res.Meta, toolmeta.ErrorKey)
		if !ok {
			e = toolmeta.Error{Message: "the tool failed and said nothing of why"}
		}
		a.Err = e.Err()
		return a
	}
	raw, err := json.Marshal(res.StructuredContent)
	switch {
	case err != nil || res.StructuredContent == nil:
		a.Err = errs.New(errs.Internal, typev1.Reason_REASON_OUTPUT_INVALID, "the tool answered without structured output")
	case len(raw) > maxOutput:
		a.Err = errs.New(errs.Internal, typev1.Reason_REASON_TOO_LARGE, "the tool's output is larger than a result can carry")
	default:
		a.Output = raw
	}
	if a.Err != nil && effect {
		a.Outcome = toolmeta.Unknown
	}
	return a
}

// inject writes the trace context into a call's `_meta`, where every transport carries it.
func inject(ctx context.Context, meta map[string]any) {
	carrier := propagation.MapCarrier{}
	otel.GetTextMapPropagator().Inject(ctx, carrier)
	for k, v := range carrier {
		meta[k] = v
	}
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
