package bus

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics never carry a tenant: their number has no bound here. Depth per tenant is DepthCollector's, capped.
type metrics struct {
	published     *prometheus.CounterVec // queue
	publishFailed prometheus.Counter
	messages      *prometheus.CounterVec   // queue, outcome: done, poisoned, put_off, abandoned
	poisoned      *prometheus.CounterVec   // queue, reason
	retries       *prometheus.CounterVec   // queue
	handling      *prometheus.HistogramVec // queue
	lag           *prometheus.HistogramVec // queue
	inHand        *prometheus.GaugeVec     // queue
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chimera_bus_" + name, Help: help}, labels)
	}
	seconds := prometheus.ExponentialBuckets(0.001, 4, 10) // 1 ms to 262 s
	histogram := func(name, help string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "chimera_bus_" + name, Help: help, Buckets: seconds}, []string{"queue"})
	}
	m := &metrics{
		published:     counter("published_total", "Messages added to a queue.", "queue"),
		publishFailed: prometheus.NewCounter(prometheus.CounterOpts{Name: "chimera_bus_publish_failures_total", Help: "Publishes that Redis did not confirm."}),
		messages:      counter("messages_total", "Messages handled, by how it ended.", "queue", "outcome"),
		poisoned:      counter("poisoned_total", "Messages sent to the poison queue, by reason.", "queue", "reason"),
		retries:       counter("retries_total", "Handler runs beyond the first of a delivery.", "queue"),
		handling:      histogram("handle_seconds", "Time from taking a message in hand to its outcome, retries included."),
		lag:           histogram("lag_seconds", "Time a message waited on the bus, by Redis' clock."),
		inHand:        prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "chimera_bus_in_hand", Help: "Messages being handled now."}, []string{"queue"}),
	}
	var err error
	m.published = register(r, m.published, &err)
	m.publishFailed = register(r, m.publishFailed, &err)
	m.messages = register(r, m.messages, &err)
	m.poisoned = register(r, m.poisoned, &err)
	m.retries = register(r, m.retries, &err)
	m.handling = register(r, m.handling, &err)
	m.lag = register(r, m.lag, &err)
	m.inHand = register(r, m.inHand, &err)
	return m, err
}

// register takes over what another Bus of this process has registered.
func register[C prometheus.Collector](r prometheus.Registerer, c C, failed *error) C {
	err := r.Register(c)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if same, ok := already.ExistingCollector.(C); ok {
			return same
		}
	}
	if err != nil {
		*failed = err
	}
	return c
}
