package skillkit

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
)

type invocationKey struct{}

// perform ends the chain: it hands the call to the MCP server, which calls handle.
func (s *Server) perform(ctx context.Context, inv *invocation) error {
	res, err := inv.next(context.WithValue(ctx, invocationKey{}, inv), "tools/call", inv.req)
	if err != nil {
		return err
	}
	result, ok := res.(*mcp.CallToolResult)
	if !ok {
		return fmt.Errorf("tools/call answered with %T", res)
	}
	inv.result = result
	return nil
}

// handle is every tool's handler. A call that did not come through the chain is refused.
func (s *Server) handle(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	inv, ok := ctx.Value(invocationKey{}).(*invocation)
	if !ok || inv.entry == nil {
		return nil, &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: "call outside the chain"}
	}
	if inv.refusal != nil {
		return inv.refusal, nil
	}
	if inv.entry.raw != nil {
		return inv.entry.raw(ctx, req)
	}
	if err := check(inv.entry.in, inv.args); err != nil {
		return nil, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "the arguments do not fit the tool's input: "+clip(err.Error(), 400))
	}
	if inv.entry.kind == kindEffect {
		return s.effect(ctx, inv)
	}
	return s.readOnly(ctx, inv)
}

func (s *Server) readOnly(ctx context.Context, inv *invocation) (*mcp.CallToolResult, error) {
	out, err := guard(ctx, s, func() (output, error) {
		v, r, err := inv.entry.read(ctx, inv.call, inv.args)
		return output{value: v, report: r}, err
	})
	if err != nil {
		return nil, err
	}
	inv.report = out.report
	return s.encode(inv, out.value)
}

// effect plans, redeems, applies: in that order, so that a grant is consumed only right before the call to
// the platform, and never for a payload that the platform's rules refuse anyway.
func (s *Server) effect(ctx context.Context, inv *invocation) (*mcp.CallToolResult, error) {
	plan, err := guard(ctx, s, func() (output, error) {
		v, r, apply, err := inv.entry.prepare(ctx, inv.call, inv.args)
		return output{value: v, report: r, apply: apply}, err
	})
	if err != nil {
		if !inv.call.DryRun && errs.ReasonOf(err) == typev1.Reason_REASON_STALE_EPOCH {
			// A genuine grant for an attempt that does not run: a replay, or a worker that was given up for lost.
			s.violation(ctx, inv, err)
		}
		return nil, err
	}
	inv.report = plan.report
	if inv.call.DryRun {
		return s.encode(inv, plan.value)
	}
	permit, err := s.redeem(ctx, inv)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithDeadline(ctx, permit.Deadline)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	inv.outcome = toolmeta.Unknown
	done, err := guard(ctx, s, func() (output, error) {
		v, r, err := plan.apply(ctx, permit)
		return output{value: v, report: r}, err
	})
	if err != nil {
		return nil, s.applied(inv, err)
	}
	inv.report = done.report
	res, err := s.encode(inv, done.value)
	if err != nil {
		// It happened, but the proof of it is unusable: reading back is the way to a usable one.
		return nil, s.applied(inv, err)
	}
	inv.outcome = toolmeta.Done
	return res, nil
}

// applied judges an error of Apply. Only NotDone, said by the tool, is believed to have changed nothing.
func (s *Server) applied(inv *invocation, err error) error {
	var nd notDone
	if errors.As(err, &nd) {
		inv.outcome = toolmeta.NotDone
		return errs.As(nd.error)
	}
	cause := errs.As(err)
	return errs.Wrap(err, errs.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN, "it is not known whether the effect happened: "+cause.Public).
		With("cause", cause.Reason.String())
}

type output struct {
	value  any
	report Report
	apply  applyFunc
}

// guard runs a tool's own code so that it can neither take the process down nor hold the caller past its
// deadline. Code that ignores its context keeps its slot until it returns.
func guard(ctx context.Context, s *Server, fn func() (output, error)) (output, error) {
	select {
	case s.slots <- struct{}{}:
	default:
		// Nothing has started yet, so this holds for an Apply too.
		return output{}, NotDone(errs.New(errs.Throttled, typev1.Reason_REASON_QUEUE_FULL, "the skill is at its limit of calls in flight; try again"))
	}
	type ended struct {
		out output
		err error
	}
	done := make(chan ended, 1)
	go func() {
		defer func() { <-s.slots }()
		defer func() {
			if p := recover(); p != nil {
				s.log.ErrorContext(ctx, "tool panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				done <- ended{err: errs.New(errs.Internal, typev1.Reason_REASON_TOOL_FAILED, "the tool crashed; the request id leads to the log")}
			}
		}()
		out, err := fn()
		done <- ended{out, err}
	}()
	select {
	case e := <-done:
		return e.out, e.err
	case <-ctx.Done():
		return output{}, ctx.Err()
	}
}
