package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/world"
)

// wanted are the items of R14.2 and the series that answer them, by who has them.
var wanted = map[string][]string{
	world.OrchestratorA: {
		`chimera_tasks{state="`, `chimera_bus_queue_depth`, `chimera_results_total{`, `chimera_verdicts_total{`, `chimera_cost_micros_total{`, `chimera_tokens_total{`,
		`chimera_reviews_opened_total{`, `chimera_review_seconds_bucket{`, `chimera_effects_total{`, `chimera_dead_letters_total{`,
	},
	world.WorkerA: {`chimera_worker_tool_duration_seconds_bucket{`, `chimera_worker_claims_total{`, `chimera_worker_tasks_in_flight`, `chimera_worker_tool_cost_micros_total`},
	"publisher":   {`chimera_skill_tool_duration_seconds_bucket{`, `chimera_skill_tool_calls_total{`, `chimera_skill_violations_total{`},
	"trends":      {`chimera_skill_tool_duration_seconds_bucket{`},
	"copywriter":  {`chimera_skill_tool_duration_seconds_bucket{`},
	"analytics":   {`chimera_skill_tool_duration_seconds_bucket{`},
}

func missingMetrics(name, text string) (missing []string) {
	for _, series := range wanted[name] {
		if !strings.Contains(text, "\n"+series) {
			missing = append(missing, name+" has no "+series)
		}
	}
	return missing
}

// metrics of R14.2 are there after a job, in every process that owes them.
func metrics(t *testing.T, w *world.World) {
	var runs []*world.Run
	for range 4 { // both replicas and both workers get to do some of it
		runs = append(runs, w.Launch(t, world.Options{}))
	}
	for _, r := range runs {
		r.ApproveAll(t)
	}
	for _, r := range runs {
		r.Completed(t)
	}
	waiting := w.Launch(t, world.Options{})
	waiting.Reviews(t, 1)
	// Counters with labels are there from the first time: one letter, one violation.
	w.Inject(t, "borealis", "task", map[string]any{"no": "message"})
	publish(t, w, captured{TaskID: waiting.Task(t, "publish").ID, TenantID: w.Tenants["aurora"], AccountID: waiting.Accounts[0].GetId(), Epoch: 1}, nil, []byte("{}"))
	world.Eventually(t, 10*time.Second, "the letter", func() bool {
		return strings.Contains(string(metricsOf(t, w, world.OrchestratorA))+string(metricsOf(t, w, world.OrchestratorB)), "chimera_dead_letters_total{")
	})
	// Counters of one process may be on its twin: what counts is that the pair has them.
	twins := map[string][]string{world.OrchestratorA: {world.OrchestratorA, world.OrchestratorB}, world.WorkerA: {world.WorkerA, world.WorkerB}}
	for name := range wanted {
		var text strings.Builder
		for _, process := range append([]string{}, append(twins[name], name)...) {
			text.Write(metricsOf(t, w, process))
		}
		require.Empty(t, missingMetrics(name, "\n"+text.String()))
		require.NotEmpty(t, missingMetrics(name, "\n# nothing"), "planted: an empty page lacks them all")
	}
	waiting.ApproveAll(t)
	waiting.Completed(t)
}
