package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"chimera/tests/bench/internal/load"
	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/report"
	"chimera/tests/bench/internal/stage"
)

const (
	// readRate is calls a second: some dozens of open cockpits.
	readRate = 60
	// plantedEvery is how often the planted query counts: what one page that counts, looked at by 25 people, does.
	plantedEvery = 40 * time.Millisecond
	planted      = "select tenant_id, state, count(*) from tasks group by tenant_id, state"
)

// backlog measures the API's reads with and without a backlog, and shows that a count(*) would be noticed.
func backlog(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("reads", flag.ContinueOnError)
	queued := flags.Int("queued", 100_000, "tasks in the backlog, all of the tenant that reads")
	reviews := flags.Int("reviews", 10_000, "open reviews of another tenant")
	span := flags.Duration("span", 15*time.Second, "how long each phase reads")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := warmedUp(ctx, stage.Options{Say: say, Tenants: 2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	r := &report.Report{At: time.Now(), Commit: commit(ctx), Cores: runtime.NumCPU(), Scale: float64(*queued)}
	inbox, err := openReviews(ctx, s, s.Tenants[1], *reviews, *span)
	if err != nil {
		return err
	}
	r.Goals = append(r.Goals, report.Goal{Name: fmt.Sprintf("ListReviews p95 ms with %d open", *reviews), Value: ms(inbox.P95["ListReviews"]), Goal: 200, Floor: 200, Lower: true})
	reader := s.Tenants[0]
	first := load.Plans(s.Tenants[:1], stage.Playbook(stage.Hundred, stage.InProcess), 1)
	if err := first[0].Submit(ctx, time.Now()); err != nil {
		return err
	}
	if err := load.Await(ctx, s, first, time.Minute); err != nil {
		return err
	}
	s.Idle()
	// Drafted before: both phases list equally many campaigns.
	drafts, err := load.Draft(ctx, s.Tenants[:1], stage.Playbook(stage.Hundred, stage.InProcess), max(1, *queued/100))
	if err != nil {
		return err
	}
	calls := measure.Calls(reader, first[0].ID)
	empty, err := measure.Read(ctx, s, calls, readRate, *span)
	if err != nil {
		return err
	}
	if err := queue(ctx, s, drafts); err != nil {
		return err
	}
	full, err := measure.Read(ctx, s, calls, readRate, *span)
	if err != nil {
		return err
	}
	counting, err := plant(ctx, s, func(ctx context.Context) (measure.Reads, error) { return measure.Read(ctx, s, calls, readRate, *span) })
	if err != nil {
		return err
	}
	if err := printReads(calls, empty, full, counting); err != nil {
		return err
	}
	r.Add("reads, nothing queued", empty.Result())
	r.Add(fmt.Sprintf("reads, %d queued", *queued), full.Result())
	r.Goals = append(r.Goals, growth(empty, full, *queued)...)
	if !red(growth(empty, counting, *queued)) {
		return errors.New("a planted count(*) over the backlog was not noticed: this check can say nothing")
	}
	fmt.Println("\na planted count(*) turns it red, as it must")
	return finish(r, results+"/reads")
}

// growth is what a backlog costs the reads.
func growth(empty, full measure.Reads, queued int) []report.Goal {
	return []report.Goal{
		{Name: fmt.Sprintf("reads' p95, %d queued / empty", queued), Value: ms(full.P95[measure.All]) / ms(empty.P95[measure.All]), Goal: 1.2, Floor: 1.5, Lower: true},
		{Name: fmt.Sprintf("reads' CPU, %d queued / empty", queued), Value: full.CPUPerCall() / empty.CPUPerCall(), Goal: 1.2, Floor: 1.5, Lower: true, Counted: true},
	}
}

func red(goals []report.Goal) bool {
	for _, g := range goals {
		if g.Verdict() == report.BelowFloor {
			return true
		}
	}
	return false
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

func printReads(calls []measure.Call, phases ...measure.Reads) error {
	var b strings.Builder
	b.WriteString("p50 / p95 ms\tempty\tbacklog\twith a planted count(*)\t\n")
	row := func(name string, cell func(measure.Reads) string) {
		b.WriteString(name + "\t")
		for _, p := range phases {
			b.WriteString(cell(p) + "\t")
		}
		b.WriteByte('\n')
	}
	for _, c := range append(calls, measure.Call{Name: measure.All}) {
		row(c.Name, func(p measure.Reads) string { return fmt.Sprintf("%.1f / %.1f", ms(p.P50[c.Name]), ms(p.P95[c.Name])) })
	}
	row("CPU ms a call", func(p measure.Reads) string { return fmt.Sprintf("%.2f", p.CPUPerCall()) })
	row("others", func(p measure.Reads) string { return fmt.Sprintf("%.0f %%", p.Cost.Others*100) })
	return report.Columns(os.Stdout, b.String())
}
