// Command fixtureskill is a skill that behaves well or badly on request: tests of its callers run it as a
// real process. It reaches nothing outside; its effect is a line in the file FIXTURE_LEDGER.
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/skillkit"
)

type in struct {
	Text string `json:"text"`
}

type out struct {
	Said string `json:"said"`
}

type plan struct {
	Payload in `json:"payload"`
}

type posted struct {
	RemoteID string `json:"remote_id"`
}

func main() { skillkit.Main("fixture", cmp.Or(os.Getenv("FIXTURE_VERSION"), "1.0.0"), register) }

func register(_ context.Context, s *skillkit.Server) error {
	var tries atomic.Int32
	read := func(name string, fn func(ctx context.Context, c *skillkit.Call, text string) (string, error)) {
		skillkit.Read(s, skillkit.Tool{Name: name, Title: name, Description: cmp.Or(os.Getenv("FIXTURE_DESCRIPTION"), "Fixture "+name+"."), Timeout: 20 * time.Second},
			func(ctx context.Context, c *skillkit.Call, v in) (out, skillkit.Report, error) {
				said, err := fn(ctx, c, v.Text)
				return out{said}, skillkit.Report{Confidence: 0.8, Basis: "fixture", Method: "fixture/v1", Tainted: strings.Contains(v.Text, "tainted"), CostMicros: 5}, err
			})
	}
	read("echo", func(_ context.Context, _ *skillkit.Call, text string) (string, error) { return text, nil })
	read("fall", func(context.Context, *skillkit.Call, string) (string, error) { panic("fell over") })
	read("hang", func(ctx context.Context, _ *skillkit.Call, _ string) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	})
	read("flood", func(context.Context, *skillkit.Call, string) (string, error) { return strings.Repeat("x", 2<<20), nil })
	read("die", func(context.Context, *skillkit.Call, string) (string, error) { os.Exit(9); return "", nil })
	read("flaky", func(context.Context, *skillkit.Call, string) (string, error) {
		if n := tries.Add(1); n%3 != 0 {
			return "", errs.New(errs.Unavailable, typev1.Reason_REASON_PLATFORM_UNAVAILABLE, "the platform is away")
		}
		return fmt.Sprint(tries.Load()), nil
	})
	skillkit.RegisterEffect(s, skillkit.Effect[in, plan, posted]{
		Tool: skillkit.Tool{Name: "post", Title: "Post", Description: "Fixture effect.", Timeout: 20 * time.Second, OpenWorld: true},
		Plan: func(_ context.Context, _ *skillkit.Call, v in) (plan, skillkit.Report, error) {
			return plan{v}, skillkit.Report{Confidence: 1, Basis: "fixture"}, nil
		},
		Apply: apply,
	})
	return nil
}

func apply(ctx context.Context, p skillkit.Permit, v in, _ plan) (posted, skillkit.Report, error) {
	if v.Text == "refuse" {
		return posted{}, skillkit.Report{}, skillkit.NotDone(errs.New(errs.Invalid, typev1.Reason_REASON_PLATFORM_REJECTED, "the platform refuses this text"))
	}
	ledger, err := os.OpenFile(os.Getenv("FIXTURE_LEDGER"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return posted{}, skillkit.Report{}, skillkit.NotDone(err)
	}
	_, err = fmt.Fprintf(ledger, "%s %s\n", p.PlatformKey, v.Text)
	if err = cmp.Or(err, ledger.Close()); err != nil {
		return posted{}, skillkit.Report{}, err
	}
	switch v.Text {
	case "hang after":
		<-ctx.Done()
		return posted{}, skillkit.Report{}, ctx.Err()
	case "die after":
		os.Exit(9)
	case "fail after":
		return posted{}, skillkit.Report{}, errs.New(errs.Unavailable, typev1.Reason_REASON_PLATFORM_UNAVAILABLE, "no answer")
	}
	return posted{"r-" + p.PlatformKey}, skillkit.Report{Confidence: 1, Basis: "the platform's answer"}, nil
}
