// Command noopskill is a skill whose one tool does nothing, behind the whole of skillkit: what a call costs
// (tests/bench).
package main

import (
	"context"
	"time"

	"chimera/skills/internal/skillkit"
)

type in struct {
	Text string `json:"text"`
}

type out struct {
	OK bool `json:"ok"`
}

func main() { skillkit.Main("noop", "1.0.0", register) }

func register(_ context.Context, s *skillkit.Server) error {
	skillkit.Read(s, skillkit.Tool{Name: "noop", Title: "Nothing", Description: "Does nothing.", Idempotent: true, Timeout: 10 * time.Second},
		func(context.Context, *skillkit.Call, in) (out, skillkit.Report, error) {
			return out{OK: true}, skillkit.Report{Confidence: 1, Basis: "nothing was done", Method: "noop/v1"}, nil
		})
	return nil
}
