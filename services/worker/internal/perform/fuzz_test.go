package perform

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/fuzztest"
	"chimera/services/kit/toolmeta"
	"chimera/services/worker/internal/toolbox"
)

// FuzzResult makes a Result of whatever a tool reports: it can always be published, or the work is lost with it (R7.2),
// and taint that went in comes out.
func FuzzResult(f *testing.F) {
	const id = "0190a1b2-0000-7000-8000-000000000001"
	f.Add([]byte(`{"a":1}`), 0.5, "rules", "https://x.example/", "title", int64(3), "done", "")
	f.Add([]byte(nil), -1.0, "\xff\u202e", "not a url", "", int64(-9), "maybe", "boom \xfe")
	p := &Performer{cfg: Config{WorkerID: "w", Now: time.Now}, log: slog.New(slog.DiscardHandler)}
	f.Fuzz(func(t *testing.T, output []byte, score float64, text, url, title string, cost int64, outcome, failure string) {
		defer fuzztest.Bound(t)()
		task := &busv1.Task{Id: id, TenantId: id, Spec: &busv1.TaskSpec{Tool: "x.y", ToolDigest: toolDigest, Mode: busv1.TaskMode_TASK_MODE_EXECUTE, Tainted: true}, Context: &busv1.TaskContext{RequestId: "req-00001"}}
		a := toolbox.Answer{
			Version: text, Output: output, Outcome: toolmeta.Outcome(outcome),
			Report: toolmeta.Report{Confidence: score, Basis: text, Method: title, Model: url, Prompt: text + title, CostMicros: cost, InputTokens: cost, OutputTokens: -cost, Sources: []toolmeta.Source{{URL: url, Title: title}}, Degraded: []string{text}},
		}
		if failure != "" {
			a.Output, a.Err = nil, errs.As(errors.New(failure))
			a.Err.Public = failure
		}
		r := p.result(task, &internalv1.ClaimOutcome{Epoch: 1, Attempt: 1}, a, time.Duration(cost))
		if len(output) > 0 && len(output) <= 256<<10 || failure != "" {
			require.NoError(t, protovalidate.Validate(r), "%q %q %q", text, url, title)
		}
		_, err := proto.Marshal(r)
		require.NoError(t, err)
		require.True(t, r.GetProvenance().GetTainted())
		require.NotZero(t, r.GetOutcome())
	})
}

const toolDigest = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"
