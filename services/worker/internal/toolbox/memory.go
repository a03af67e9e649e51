package toolbox

import (
	"context"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/services/kit/control"
	"chimera/services/kit/toolmeta"
)

type recallIn struct {
	Query string `json:"query" jsonschema:"what to look for, in plain words"`
	Limit int    `json:"limit,omitempty" jsonschema:"how many memories at most, 1 to 50; 5 if left out"`
}

type recallOut struct {
	Memories []recalled `json:"memories"`
	Degraded string     `json:"degraded" jsonschema:"why memory is away; empty when it is not"`
}

type recalled struct {
	ID      string  `json:"id"`
	Text    string  `json:"text"`
	Kind    string  `json:"kind"`
	Score   float64 `json:"score"`
	Tainted bool    `json:"tainted" jsonschema:"derives from text that came from outside"`
}

// memory is a skill inside the worker: recall is a tool like any other to plans, but only the orchestrator
// reaches the store behind it (R6.3, R9.3).
func (b *Toolbox) memory() func(ctx context.Context) (*mcp.ClientSession, error) {
	server := mcp.NewServer(&mcp.Implementation{Name: "memory", Version: "1.0.0"}, &mcp.ServerOptions{Capabilities: &mcp.ServerCapabilities{}})
	no := false
	mcp.AddTool(server, &mcp.Tool{
		Name: "recall", Title: "Recall", Description: "Finds what the tenant's memory holds on a subject: what was published before.",
		Annotations: &mcp.ToolAnnotations{Title: "Recall", ReadOnlyHint: true, DestructiveHint: &no, IdempotentHint: true, OpenWorldHint: &no},
	}, b.recall)
	return func(ctx context.Context) (*mcp.ClientSession, error) {
		mine, theirs := mcp.NewInMemoryTransports()
		// The session outlives the call that happened to open it.
		if _, err := server.Connect(context.WithoutCancel(ctx), theirs, nil); err != nil {
			return nil, err
		}
		return b.client().Connect(ctx, mine, &mcp.ClientSessionOptions{ProtocolVersion: sessionVersion})
	}
}

func (b *Toolbox) recall(ctx context.Context, req *mcp.CallToolRequest, in recallIn) (*mcp.CallToolResult, recallOut, error) {
	call, err := toolmeta.Parse(req.Params.Meta)
	if err != nil {
		return refuse(err), recallOut{}, nil
	}
	if in.Limit == 0 {
		in.Limit = 5
	}
	res, err := b.control.Recall(ctx, &internalv1.RecallRequest{TenantId: call.TenantID, TaskId: call.TaskID, Epoch: call.Epoch, Query: in.Query, Limit: int32(min(max(in.Limit, 1), 50))})
	if err != nil {
		return refuse(control.Error(err)), recallOut{}, nil
	}
	out := recallOut{Memories: []recalled{}, Degraded: res.GetDegraded()}
	report := toolmeta.Report{Confidence: 1, Basis: fmt.Sprintf("%d memories found by similarity", len(res.GetMemories())), Method: "memory/recall"}
	if out.Degraded != "" {
		report.Degraded = []string{"memory: " + out.Degraded}
		report.Basis = "memory is degraded: nothing was searched"
	}
	for _, m := range res.GetMemories() {
		out.Memories = append(out.Memories, recalled{ID: m.GetId(), Text: m.GetText(), Kind: m.GetKind(), Score: m.GetScore(), Tainted: m.GetTainted()})
		report.Tainted = report.Tainted || m.GetTainted()
	}
	return &mcp.CallToolResult{Meta: mcp.Meta{toolmeta.ReportKey: report}}, out, nil
}

// refuse answers with a typed error; the library's own would lose the kind.
func refuse(err error) *mcp.CallToolResult {
	e := toolmeta.FromError(err)
	return &mcp.CallToolResult{IsError: true, Meta: mcp.Meta{toolmeta.ErrorKey: e}, Content: []mcp.Content{&mcp.TextContent{Text: e.Message}}}
}
