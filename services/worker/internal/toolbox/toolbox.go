// Package toolbox hosts the worker's MCP clients: it finds out which tools the skills offer, pins what it
// saw by digest, and calls them. It decides nothing about tasks (R8.4).
package toolbox

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"chimera/gen/go/chimera/control/v1/internalv1connect"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
)

const (
	// maxTries bounds one call's tries within an attempt; only calls that change nothing are tried again.
	maxTries = 3
	// maxWait is the longest wait between tries: anything longer is the orchestrator's to schedule.
	maxWait = 2 * time.Second
)

// Config of a Toolbox; zero durations take the defaults named.
type Config struct {
	WorkerID string
	// Skills by address, see ParseSkills.
	Skills []Address
	// Refresh is how often the skills are asked for their tools anew; 15 s.
	Refresh time.Duration
	// Connections kept open to each skill; 32.
	Connections int
	// Environ is what a stdio skill's environment is picked from, as os.Environ gives it.
	Environ []string
}

// Toolbox is safe for concurrent use.
type Toolbox struct {
	cfg     Config
	log     *slog.Logger
	control internalv1connect.WorkerServiceClient
	skills  map[string]*skill
	kick    chan struct{}
	tracer  trace.Tracer
	// registered is the fingerprint of what the orchestrator was last told.
	registered string
	toldAt     time.Time
}

// New makes a toolbox that has connected to nothing yet; Run does. client carries the worker's identity.
func New(cfg Config, client HTTPDoer, control internalv1connect.WorkerServiceClient, log *slog.Logger) *Toolbox {
	if cfg.Refresh <= 0 {
		cfg.Refresh = 15 * time.Second
	}
	b := &Toolbox{cfg: cfg, log: log, control: control, skills: map[string]*skill{}, kick: make(chan struct{}, 1), tracer: otel.Tracer("chimera/toolbox")}
	for _, a := range cfg.Skills {
		b.skills[a.Name] = &skill{name: a.Name, log: log, dial: b.dialer(a, client), pipe: a.Program != ""}
	}
	b.skills["memory"] = &skill{name: "memory", log: log, dial: b.memory(), pipe: true}
	return b
}

// Request is one call of one tool.
type Request struct {
	// Tool is "skill.tool"; Digest is the one the task was planned with.
	Tool, Digest string
	Arguments    json.RawMessage
	Call         toolmeta.Call
}

// Answer is what a tool answered, or how the call failed. Outcome is set exactly when the call carried a
// grant; it is Unknown unless it is certain that nothing happened, or the tool said that it did.
type Answer struct {
	Output  json.RawMessage
	Report  toolmeta.Report
	Version string
	Outcome toolmeta.Outcome
	Err     *errs.Error
	Tries   int
}

// Call calls a tool. A call that carries a grant is sent at most once; others are tried again, briefly, on
// errors that may pass. Errors by reason: TOOL_UNKNOWN, TOOL_CHANGED, SKILL_AWAY when nothing of any try got there,
// UNAVAILABLE, or the tool's own.
func (b *Toolbox) Call(ctx context.Context, r Request) Answer {
	ctx, span := b.tracer.Start(ctx, "call "+r.Tool, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	effect := r.Call.Grant != nil
	arrived := false
	for try := 1; ; try++ {
		a := b.once(ctx, r)
		a.Tries = try
		switch away := a.Err != nil && a.Err.Reason == typev1.Reason_REASON_SKILL_AWAY; {
		case !away:
			arrived = true
		case arrived:
			// It was there and is gone: this very call may have ended it, so the attempt must count.
			a.Err = errs.Wrap(a.Err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, a.Err.Public)
		}
		if effect && a.Outcome == "" {
			a.Outcome = toolmeta.NotDone
		}
		if a.Err == nil || effect || try == maxTries || !a.Err.Kind.Retryable() || a.Err.RetryAfter > maxWait || ctx.Err() != nil {
			return a
		}
		wait := max(a.Err.RetryAfter, time.Duration(try)*100*time.Millisecond)
		select {
		case <-time.After(wait + rand.N(wait/2)):
		case <-ctx.Done():
			return a
		}
	}
}

func (b *Toolbox) once(ctx context.Context, r Request) Answer {
	name, tool, _ := strings.Cut(r.Tool, ".")
	k, ok := b.skills[name]
	if !ok {
		return Answer{Err: unknown(r.Tool)}
	}
	session, err := k.connected(ctx)
	if err != nil {
		return Answer{Err: errs.As(err)}
	}
	seen, ok := k.tool(tool)
	switch {
	case !ok:
		b.Kick()
		return Answer{Err: unknown(r.Tool)}
	case seen.Digest != r.Digest:
		b.Kick()
		return Answer{Version: seen.Version, Err: errs.New(errs.Conflict, typev1.Reason_REASON_TOOL_CHANGED,
			"the tool is no longer the one the task was planned with; an operator must accept it anew").With("tool", r.Tool)}
	}
	r.Call.ToolDigest = r.Digest
	a := k.call(ctx, session, tool, r)
	a.Version = seen.Version
	if a.Err != nil && a.Err.Reason == typev1.Reason_REASON_TOOL_CHANGED {
		b.Kick()
	}
	return a
}

func unknown(tool string) *errs.Error {
	return errs.New(errs.NotFound, typev1.Reason_REASON_TOOL_UNKNOWN, "no skill of this worker offers the tool").With("tool", tool)
}

// Kick asks for a discovery soon.
func (b *Toolbox) Kick() {
	select {
	case b.kick <- struct{}{}:
	default:
	}
}

// Ready fails when no configured skill can be reached.
func (b *Toolbox) Ready(context.Context) error {
	var away []string
	for name, k := range b.skills {
		if name == "memory" {
			continue
		}
		if k.current() != nil {
			return nil
		}
		away = append(away, name)
	}
	if len(away) == 0 {
		return nil
	}
	return errs.Newf(errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "no skill can be reached: %s", strings.Join(away, ", "))
}
