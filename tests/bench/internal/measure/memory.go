package measure

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"chimera/tests/bench/internal/counts"
	"chimera/tests/bench/internal/stage"
	"chimera/tests/bench/internal/stats"
)

const (
	// slack is what a garbage-collected process may differ by between two looks.
	slack = 8 << 20
	// growthLimit is how much larger the last third may be than the one before, beyond the slack.
	growthLimit = 1.05
)

// Samples are resident memory over time, in bytes, by process.
type Samples map[string][]int64

// Watch looks at every process of ours until ctx ends.
func (m Samples) Watch(ctx context.Context, s *stage.Stage, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, name := range []string{"orchestrator", "worker"} {
			m[name] = append(m[name], counts.RSS(s.PID(name)))
		}
	}
}

// Flat prints the thirds' medians, and fails when the last is larger than the second by more than noise: the first
// third warms up.
func (m Samples) Flat(w io.Writer) error {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		all := m[name]
		third := len(all) / 3
		if third < 3 {
			return fmt.Errorf("%s: %d looks are too few", name, len(all))
		}
		first, second, last := stats.Median(all[:third]), stats.Median(all[third:2*third]), stats.Median(all[2*third:])
		if _, err := fmt.Fprintf(w, "%s: %.0f, %.0f, %.0f MiB (medians of the thirds)\n", name, first/(1<<20), second/(1<<20), last/(1<<20)); err != nil {
			return err
		}
		if last > second*growthLimit+slack {
			return fmt.Errorf("the %s grows: %.0f MiB after %.0f", name, last/(1<<20), second/(1<<20))
		}
	}
	return nil
}
