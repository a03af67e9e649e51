// Package flow is the thin glue of the path: one file per consumed queue, each load → decide → hand over. It has
// no rules of its own: deciders hold no handles, and commit is the only writer.
package flow

import (
	"log/slog"

	"chimera/services/internal/bus"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
)

// Flow connects the bus with the judge and the writer.
type Flow struct {
	store   *store.Store
	commit  *commit.Committer
	bus     *bus.Bus
	metrics *Metrics
	log     *slog.Logger
}

// New wires a Flow.
func New(s *store.Store, c *commit.Committer, b *bus.Bus, m *Metrics, log *slog.Logger) *Flow {
	return &Flow{store: s, commit: c, bus: b, metrics: m, log: log}
}

// Register puts the consumers on the router: the data path as a table. batch bounds what is committed together.
func (f *Flow) Register(r *bus.Router, batch int) {
	// Two lanes (decision 0087): while one waits for the disk the other has the processors. More make smaller batches.
	o := bus.BatchOptions{Options: bus.Options{Concurrency: 2 * batch}, Max: batch, Lanes: 2}
	bus.HandleBatch(r, bus.Results, o, f.OnResults)
	bus.HandleBatch(r, bus.Reviews, o, f.OnDecisions)
	bus.ConsumePoison(r, f.OnPoison)
}
