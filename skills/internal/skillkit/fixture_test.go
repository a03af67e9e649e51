package skillkit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/skillkit"
	"chimera/skills/internal/skillkit/skillkittest"
)

type sayIn struct {
	Text     string `json:"text" jsonschema:"what to say"`
	Platform string `json:"platform,omitempty"`
	Token    string `json:"token,omitempty"`
}

type sayOut struct {
	Said string `json:"said"`
}

type postPlan struct {
	Payload sayIn `json:"payload"`
}

type postOut struct {
	RemoteID string `json:"remote_id"`
}

// world is what the fixture's effect changes.
type world struct {
	applied atomic.Int32
	apply   func(ctx context.Context, p skillkit.Permit) error
	mu      sync.Mutex
	permits []skillkit.Permit
}

// tools is a skill with one tool for each way to behave.
func (w *world) tools(_ context.Context, s *skillkit.Server) error {
	platform := func(args json.RawMessage) string {
		var in sayIn
		_ = json.Unmarshal(args, &in)
		return in.Platform
	}
	read := func(name string, timeout time.Duration, fn func(ctx context.Context, in sayIn) (sayOut, skillkit.Report, error)) {
		skillkit.Read(s, skillkit.Tool{Name: name, Title: name, Description: "Fixture " + name + ".", Timeout: timeout, Platform: platform, Idempotent: true},
			func(ctx context.Context, _ *skillkit.Call, in sayIn) (sayOut, skillkit.Report, error) {
				return fn(ctx, in)
			})
	}
	read("echo", 0, func(_ context.Context, in sayIn) (sayOut, skillkit.Report, error) {
		return sayOut{in.Text}, skillkit.Report{
			Confidence: 0.9, Basis: "it is what was said", Method: "echo/v1", Tainted: true,
			Sources: []skillkit.Source{{URL: "https://example.org/a", Tainted: true}}, CostMicros: 7,
		}, nil
	})
	read("boast", 0, func(_ context.Context, in sayIn) (sayOut, skillkit.Report, error) {
		return sayOut{in.Text}, skillkit.Report{Confidence: 17}, nil
	})
	read("fall", 0, func(context.Context, sayIn) (sayOut, skillkit.Report, error) { panic("fell over") })
	read("hang", 150*time.Millisecond, func(context.Context, sayIn) (sayOut, skillkit.Report, error) {
		time.Sleep(2 * time.Second) // deaf to its context, as a bad tool is
		return sayOut{}, skillkit.Report{}, nil
	})
	read("flood", 0, func(context.Context, sayIn) (sayOut, skillkit.Report, error) {
		return sayOut{strings.Repeat("x", 300<<10)}, skillkit.Report{}, nil
	})
	read("fail", 0, func(context.Context, sayIn) (sayOut, skillkit.Report, error) {
		return sayOut{}, skillkit.Report{}, errs.New(errs.Throttled, typev1.Reason_REASON_PLATFORM_UNAVAILABLE, "later").After(3*time.Second).With("limit", "30")
	})
	read("leak", 0, func(context.Context, sayIn) (sayOut, skillkit.Report, error) {
		return sayOut{}, skillkit.Report{}, errors.New("dial postgres://u:pw@db")
	})
	skillkit.RegisterEffect(s, skillkit.Effect[sayIn, postPlan, postOut]{
		Tool: skillkit.Tool{Name: "post", Title: "Post", Description: "Fixture effect.", OpenWorld: true, Timeout: time.Second, Platform: platform},
		Plan: func(_ context.Context, _ *skillkit.Call, in sayIn) (postPlan, skillkit.Report, error) {
			switch in.Text {
			case "too long":
				return postPlan{}, skillkit.Report{}, errs.New(errs.Invalid, typev1.Reason_REASON_LIMIT_EXCEEDED, "too long")
			case "fall":
				panic("plan fell over")
			}
			return postPlan{in}, skillkit.Report{Confidence: 1, Basis: "rules of the platform"}, nil
		},
		Apply: func(ctx context.Context, p skillkit.Permit, in sayIn, _ postPlan) (postOut, skillkit.Report, error) {
			w.applied.Add(1)
			w.mu.Lock()
			w.permits = append(w.permits, p)
			w.mu.Unlock()
			if w.apply != nil {
				if err := w.apply(ctx, p); err != nil {
					return postOut{}, skillkit.Report{}, err
				}
			}
			return postOut{"r-1"}, skillkit.Report{Confidence: 1, Basis: "the platform's answer"}, nil
		},
	})
	return nil
}

type rig struct {
	*skillkittest.Harness
	world   *world
	account string
	log     *lockedBuffer
}

func newRig(t *testing.T, configure ...func(*skillkit.Config)) *rig {
	t.Helper()
	w := &world{}
	r := &rig{world: w, log: &lockedBuffer{}}
	r.Harness = skillkittest.NewLogged(t, "fixture", slog.New(slog.NewJSONHandler(r.log, nil)), w.tools, configure...)
	r.account = r.Control.AddAccount(&internalv1.Credential{Platform: "bluesky", Handle: "a.test", BaseUrl: "http://127.0.0.1:1", Secret: "app-password-canary"})
	return r
}

func (r *rig) mine() skillkittest.Option { return skillkittest.Account(r.account) }

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
func (l *lockedBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }
