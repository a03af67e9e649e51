// Package measure runs one work once, on our system or on the skeleton, and answers what it took and what it cost.
package measure

import (
	"fmt"
	"time"

	"chimera/tests/bench/internal/counts"
	"chimera/tests/bench/internal/stats"
)

// Result of one run. Durations are in nanoseconds in JSON.
type Result struct {
	Plans int `json:"plans"`
	Tasks int `json:"tasks"`
	// Repeated tasks ran more than once, though nothing was broken.
	Repeated int           `json:"repeated"`
	Elapsed  time.Duration `json:"elapsed_ns"`
	P50      time.Duration `json:"p50_ns"`
	P99      time.Duration `json:"p99_ns"`
	// Acknowledged is the median of how long a submission took to be answered.
	Acknowledged time.Duration `json:"acknowledged_p50_ns"`
	Cost         counts.Cost   `json:"cost"`
}

func (r *Result) latency(all, acknowledged []time.Duration) {
	r.P50, r.P99, r.Acknowledged = stats.Percentile(all, 0.5), stats.Percentile(all, 0.99), stats.Percentile(acknowledged, 0.5)
}

// TasksPerSecond and PlansPerSecond are from the first submission to the last commit.
func (r Result) TasksPerSecond() float64 { return float64(r.Tasks) / r.Elapsed.Seconds() }

// PlansPerSecond see TasksPerSecond.
func (r Result) PlansPerSecond() float64 { return float64(r.Plans) / r.Elapsed.Seconds() }

// CPUPerTask is milliseconds of CPU of the system and its parts, without the client.
func (r Result) CPUPerTask() float64 { return r.perTask(float64(r.Cost.CPU.Measured()) / 1e6) }

// FlushesPerTask are WAL flushes.
func (r Result) FlushesPerTask() float64 { return r.perTask(float64(r.Cost.Flushes)) }

// CommandsPerTask are Redis commands.
func (r Result) CommandsPerTask() float64 { return r.perTask(float64(r.Cost.Commands)) }

// RowsPerTask are rows of the table of tasks that statements looked at.
func (r Result) RowsPerTask() float64 { return r.perTask(float64(r.Cost.Rows)) }

func (r Result) perTask(n float64) float64 { return n / float64(r.Tasks) }

func (r Result) String() string {
	ms := func(d time.Duration) float64 { return r.perTask(float64(d) / 1e6) }
	c := r.Cost
	return fmt.Sprintf("%d tasks %.0f/s (%.0f plans/s), p50 %s p99 %s ack %s, repeated %d; per task: flushes %.4f, WAL %.0f B, Redis commands %.2f, rows read %.1f, CPU %.3f ms (ours %.3f, Postgres %.3f, Redis %.3f); client %.3f; others %.0f %%",
		r.Tasks, r.TasksPerSecond(), r.PlansPerSecond(), short(r.P50), short(r.P99), short(r.Acknowledged), r.Repeated,
		r.FlushesPerTask(), r.perTask(float64(c.WALBytes)), r.CommandsPerTask(), r.RowsPerTask(), r.CPUPerTask(), ms(c.CPU.Ours), ms(c.CPU.Postgres), ms(c.CPU.Redis), ms(c.CPU.Client), c.Others*100)
}

func short(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }
