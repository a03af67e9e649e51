package skillkit

import (
	"context"
	"encoding/json"
	"time"

	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/services/kit/toolmeta"
)

// Tool describes one tool. Name is its name within the skill; the world knows it as "skill.name".
type Tool struct {
	Name, Title, Description string
	// Idempotent and OpenWorld become MCP annotations; read-only and destructive follow from the kind.
	Idempotent, OpenWorld bool
	// Timeout bounds one call; 0 means 20 s.
	Timeout time.Duration
	// Platform picks the platform out of the raw arguments for per-platform rate limits; nil means none.
	Platform func(args json.RawMessage) string
}

// Report says what an output rests on and what it cost; see toolmeta.
type Report = toolmeta.Report

// Source is where some of an output came from.
type Source = toolmeta.Source

// Read registers a tool that changes nothing outside. In and Out must be structs or maps; their JSON
// schemas are inferred and enforced both ways. A dry run of a read is the read itself.
func Read[In, Out any](s *Server, t Tool, fn func(ctx context.Context, c *Call, in In) (Out, Report, error)) {
	e := newEntry[In](t, kindRead, schemaOf[Out]())
	e.read = func(ctx context.Context, c *Call, args json.RawMessage) (any, Report, error) {
		in, err := decode[In](args)
		if err != nil {
			return nil, Report{}, err
		}
		return fn(ctx, c, in)
	}
	s.add(e)
}

// Effect is a tool that changes the outside world. Plan validates and shows exactly what Apply would send;
// it must change nothing. Apply is reached only with a Permit, which only a redeemed grant yields.
type Effect[In, Plan, Out any] struct {
	Tool
	Plan  func(ctx context.Context, c *Call, in In) (Plan, Report, error)
	Apply func(ctx context.Context, p Permit, in In, plan Plan) (Out, Report, error)
}

// RegisterEffect registers an effect. In a dry run the answer is the Plan, otherwise the Out; the output
// schema allows either.
func RegisterEffect[In, Plan, Out any](s *Server, e Effect[In, Plan, Out]) {
	entry := newEntry[In](e.Tool, kindEffect, either(schemaOf[Plan](), schemaOf[Out]()))
	entry.prepare = func(ctx context.Context, c *Call, args json.RawMessage) (any, Report, applyFunc, error) {
		in, err := decode[In](args)
		if err != nil {
			return nil, Report{}, nil, err
		}
		plan, report, err := e.Plan(ctx, c, in)
		if err != nil {
			return nil, report, nil, err
		}
		return plan, report, func(ctx context.Context, p Permit) (any, Report, error) {
			return e.Apply(ctx, p, in, plan)
		}, nil
	}
	s.add(entry)
}

// Call is the task a tool works for.
type Call struct {
	TenantID, TaskID, AccountID, RequestID string
	Epoch                                  int64
	Attempt                                int
	DryRun                                 bool

	control *control
}

// Credential asks the orchestrator for the call's account. The secret is empty while the task only
// proposes. Errors: Invalid without an account, else what the orchestrator answers.
func (c *Call) Credential(ctx context.Context) (Credential, error) {
	return c.control.credential(ctx, c)
}

// Credential is an account on a platform and what opens it.
type Credential struct {
	AccountID, Platform, Handle, BaseURL string
	Secret                               secret.String
}

// Permit is the consumed grant: the right to make this one effect, before Deadline, under PlatformKey.
type Permit struct {
	PlatformKey string
	Deadline    time.Time
	Credential  Credential
	Call        *Call
}

type notDone struct{ error }

func (e notDone) Unwrap() error { return e.error }

// NotDone marks an error of Apply as certainly without effect, for example a refusal that the platform
// answered before it acted. Every other error of Apply is an unknown outcome.
func NotDone(err error) error {
	if err == nil {
		return nil
	}
	return notDone{errs.As(err)}
}
