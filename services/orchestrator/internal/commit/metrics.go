package commit

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// People's part of the path (R14.2): how many decisions, and how long items waited for them.
var (
	reviewsOpened = promauto.NewCounterVec(prometheus.CounterOpts{Name: "chimera_reviews_opened_total", Help: "Items put before a person, by risk (1 low, 3 high)."}, []string{"risk"})
	reviewSeconds = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "chimera_review_seconds", Help: "Seconds from an item's opening to a person's decision, by decision.",
		Buckets: []float64{10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600},
	}, []string{"decision"})
	effectsSettled = promauto.NewCounterVec(prometheus.CounterOpts{Name: "chimera_effects_total", Help: "Effects by what became of them."}, []string{"state"})
	// R10.5: five seconds is the bound, so the buckets are close around it.
	stopQuietSeconds = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "chimera_stop_quiet_seconds", Help: "Seconds from a stop switch's press until no call under it was running, by scope.",
		Buckets: []float64{.1, .25, .5, 1, 2, 3, 4, 5, 10, 15, 30},
	}, []string{"scope"})
)

func observeReview(state string, opened, now time.Time) {
	reviewSeconds.WithLabelValues(state).Observe(now.Sub(opened).Seconds())
}
