package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"chimera/tests/bench/internal/measure"
	"chimera/tests/bench/internal/skeleton"
	"chimera/tests/bench/internal/stats"
)

// quiet is the share of the machine that others may use while times still say something.
const quiet = 0.10

// Report is what one run of the bench found.
type Report struct {
	At     time.Time `json:"at"`
	Commit string    `json:"commit"`
	Cores  int       `json:"cores"`
	// Scale is the share of the full work that was done; figures of runs of other scales are not compared.
	Scale    float64             `json:"scale"`
	Works    []Work              `json:"works"`
	Ceilings []skeleton.Ceilings `json:"ceilings"`
	Goals    []Goal              `json:"goals"`
}

// Work is one row: the same work measured in every round.
type Work struct {
	Name   string           `json:"name"`
	Rounds []measure.Result `json:"rounds"`
}

// Add adds a round to a work, which it makes when it is new.
func (r *Report) Add(name string, result measure.Result) {
	for i := range r.Works {
		if r.Works[i].Name == name {
			r.Works[i].Rounds = append(r.Works[i].Rounds, result)
			return
		}
	}
	r.Works = append(r.Works, Work{name, []measure.Result{result}})
}

// Median of a figure over the rounds of a work; 0 when it was not measured.
func (r *Report) Median(name string, figure func(measure.Result) float64) float64 {
	for _, w := range r.Works {
		if w.Name == name {
			return w.median(figure)
		}
	}
	return 0
}

func (w Work) median(figure func(measure.Result) float64) float64 {
	values := make([]float64, len(w.Rounds))
	for i, round := range w.Rounds {
		values[i] = figure(round)
	}
	return stats.Median(values)
}

// Others is the median share of the machine that others used.
func (r *Report) Others() float64 {
	var all []float64
	for _, w := range r.Works {
		for _, round := range w.Rounds {
			all = append(all, round.Cost.Others)
		}
	}
	return stats.Median(all)
}

// Quiet says whether times of the run may be judged.
func (r *Report) Quiet() bool { return r.Others() < quiet }

// Ceiling is the median of one of the raw rates.
func (r *Report) Ceiling(figure func(skeleton.Ceilings) float64) float64 {
	values := make([]float64, len(r.Ceilings))
	for i, c := range r.Ceilings {
		values[i] = figure(c)
	}
	return stats.Median(values)
}

// Print writes the table.
func (r *Report) Print(w io.Writer) error {
	var b strings.Builder
	rounds := 0
	b.WriteString("work\ttasks/s\tplans/s\tp50 ms\tp99 ms\tflushes\tRedis\tCPU ms\trepeated\tothers\t\n")
	for _, work := range r.Works {
		rounds = max(rounds, len(work.Rounds))
		fmt.Fprintf(&b, "%s\t%.0f\t%.0f\t%.1f\t%.1f\t%.4f\t%.2f\t%.3f\t%.0f\t%.0f %%\t\n", work.Name, work.median(measure.Result.TasksPerSecond), work.median(measure.Result.PlansPerSecond),
			work.median(P50), work.median(P99), work.median(measure.Result.FlushesPerTask), work.median(measure.Result.CommandsPerTask), work.median(measure.Result.CPUPerTask),
			work.median(func(x measure.Result) float64 { return float64(x.Repeated) }), 100*work.median(func(x measure.Result) float64 { return x.Cost.Others }))
	}
	if err := Columns(w, b.String()); err != nil {
		return err
	}
	b.Reset()
	if len(r.Ceilings) > 0 {
		fmt.Fprintf(&b, "\nceilings of the same run: %.0f rows/s inserted, %.0f outcomes/s, %.0f messages/s through a stream, %.0f MCP calls/s over stdio; sum of the parts %.0f tasks/s\n",
			r.Ceiling(func(c skeleton.Ceilings) float64 { return c.Inserts }), r.Ceiling(func(c skeleton.Ceilings) float64 { return c.Outcomes }),
			r.Ceiling(func(c skeleton.Ceilings) float64 { return c.Messages }), r.Ceiling(func(c skeleton.Ceilings) float64 { return c.Calls }), r.Ceiling(skeleton.Ceilings.SumOfParts))
	}
	fmt.Fprintf(&b, "\nmedians of up to %d interleaved rounds at scale %g, %d cores, others used %.0f %% of the machine (median); flushes, Redis commands and CPU are per task\n\n", rounds, r.Scale, r.Cores, r.Others()*100)
	for _, g := range r.Goals {
		b.WriteString(g.String() + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Columns aligns lines of cells that end with a tab each.
func Columns(w io.Writer, lines string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	if _, err := io.WriteString(t, lines); err != nil {
		return err
	}
	return t.Flush()
}

// P50 and P99 in milliseconds.
func P50(r measure.Result) float64 { return float64(r.P50) / 1e6 }

// P99 see P50.
func P99(r measure.Result) float64 { return float64(r.P99) / 1e6 }
