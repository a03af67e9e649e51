package skillkit

import (
	"context"
	"encoding/json"
	"runtime/debug"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
	"chimera/services/kit/toolmeta"
)

// invocation is one tool call on its way through the chain.
type invocation struct {
	req     *mcp.CallToolRequest
	next    mcp.MethodHandler
	entry   *entry
	started time.Time
	// args are canonical: what is hashed, validated, decoded and logged are the same bytes.
	args    json.RawMessage
	call    *Call
	grant   *busv1.SignedGrant
	grantID string
	report  Report
	outcome toolmeta.Outcome
	result  *mcp.CallToolResult
	// refusal is what the call is answered with instead of running the tool, and cause why: for the log.
	refusal *mcp.CallToolResult
	cause   error
}

type (
	handler func(ctx context.Context, inv *invocation) error
	step    func(next handler) handler
)

// steps is the one chain, outermost first.
func (s *Server) steps() []step {
	return []step{
		s.trace,  // outside audit, so that the audit line carries the trace id
		s.audit,  // sees every refusal of the steps below
		s.answer, // turns typed errors into results, so that everything outside it sees a result
		s.tenant, // before the limits: an anonymous flood must not use up a tenant's share
		s.limit,
		s.dryRun, // decides, once, whether an effect may be executed at all
		s.authorise,
		s.timeout,
	}
}

// middleware is what the MCP server runs around every method. Its recover is the last resort: a panic that
// reaches the SDK ends the process.
func (s *Server) middleware(next mcp.MethodHandler) mcp.MethodHandler {
	run := handler(s.perform)
	chain := s.steps()
	for i := len(chain) - 1; i >= 0; i-- {
		run = chain[i](run)
	}
	return func(ctx context.Context, method string, req mcp.Request) (res mcp.Result, err error) {
		defer func() {
			if p := recover(); p != nil {
				s.log.ErrorContext(ctx, "panic in the chain", "method", method, "panic", p, "stack", string(debug.Stack()))
				res, err = nil, &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: "internal error"}
			}
		}()
		call, ok := req.(*mcp.CallToolRequest)
		if !ok {
			return next(ctx, method, req)
		}
		inv := &invocation{req: call, next: next, started: s.now(), entry: s.entries[call.Params.Name], call: &Call{control: s.control}}
		if err := run(ctx, inv); err != nil {
			return nil, err
		}
		return inv.result, nil
	}
}

// tenant refuses a call that does not say for whom it is made, and arguments that readers could read in
// two ways (R9.4).
func (s *Server) tenant(next handler) handler {
	return func(ctx context.Context, inv *invocation) error {
		meta, err := toolmeta.Parse(inv.req.Params.Meta)
		if err != nil {
			return err
		}
		args := inv.req.Params.Arguments
		if len(args) == 0 {
			args = json.RawMessage("{}")
		}
		if inv.args, err = grant.Canonical(args); err != nil {
			return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the arguments are not one plain JSON object")
		}
		if meta.ToolDigest != "" && meta.ToolDigest != inv.entry.digest {
			// Between a worker's discovery and its call the skill may have been replaced.
			return errs.New(errs.Conflict, typev1.Reason_REASON_TOOL_CHANGED, "the tool is no longer the one that was accepted; an operator must accept it anew")
		}
		inv.grant = meta.Grant
		inv.call = &Call{
			TenantID: meta.TenantID, TaskID: meta.TaskID, AccountID: meta.AccountID, RequestID: meta.RequestID,
			Epoch: meta.Epoch, Attempt: meta.Attempt, DryRun: meta.DryRun, control: s.control,
		}
		return next(withIDs(ctx, inv.call), inv)
	}
}

// dryRun makes "not now" a property of the call and not of the tool: with it set, the grant is dropped
// here, and without a grant nothing below can reach an Apply.
func (s *Server) dryRun(next handler) handler {
	return func(ctx context.Context, inv *invocation) error {
		if inv.call.DryRun {
			inv.grant = nil
		} else if inv.entry.kind == kindEffect {
			// Until Apply is reached, whatever goes wrong has certainly changed nothing.
			inv.outcome = toolmeta.NotDone
		}
		return next(ctx, inv)
	}
}

func (s *Server) timeout(next handler) handler {
	return func(ctx context.Context, inv *invocation) error {
		ctx, cancel := context.WithTimeout(ctx, inv.entry.Timeout)
		defer cancel()
		return next(ctx, inv)
	}
}
