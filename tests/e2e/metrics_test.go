package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

var seriesName = regexp.MustCompile(`\bchimera_[a-z0-9_]+`)

// drawn are the series that the dashboards draw and the alert rules watch (R14.2).
func drawn(t *testing.T) (series []string) {
	t.Helper()
	files, err := filepath.Glob("../../infra/grafana/dashboards/*.json")
	require.NoError(t, err)
	for _, file := range append(files, "../../infra/prometheus/alerts.yml") {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(raw)) {
			if expression := strings.TrimLeft(line, " "); strings.HasPrefix(expression, `"expr":`) || strings.HasPrefix(expression, "expr:") {
				series = append(series, seriesName.FindAllString(line, -1)...)
			}
		}
	}
	slices.Sort(series)
	series = slices.Compact(series)
	require.Greater(t, len(series), 10)
	return series
}

func unknownSeries(wanted []string, text string) (unknown []string) {
	for _, name := range wanted {
		if !strings.Contains(text, "\n"+name+"{") && !strings.Contains(text, "\n"+name+" ") {
			unknown = append(unknown, name)
		}
	}
	return unknown
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
	var all strings.Builder
	twins := map[string][]string{world.OrchestratorA: {world.OrchestratorA, world.OrchestratorB}, world.WorkerA: {world.WorkerA, world.WorkerB}}
	for name := range wanted {
		var text strings.Builder
		for _, process := range append([]string{}, append(twins[name], name)...) {
			text.Write(metricsOf(t, w, process))
		}
		require.Empty(t, missingMetrics(name, "\n"+text.String()))
		require.NotEmpty(t, missingMetrics(name, "\n# nothing"), "planted: an empty page lacks them all")
		all.WriteString("\n" + text.String())
	}
	require.Empty(t, unknownSeries(drawn(t), all.String()), "a panel or an alert over a series that nobody has stays empty for ever")
	require.Equal(t, []string{"chimera_tasks_renamed"}, unknownSeries([]string{"chimera_tasks", "chimera_tasks_renamed"}, all.String()), "planted")
	waiting.ApproveAll(t)
	waiting.Completed(t)
}
