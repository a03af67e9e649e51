package bus

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"chimera/services/internal/bus/internal/lanes"
	"chimera/services/internal/tenancy"
)

// Depth is how much one tenant has on one queue, running entries included: they are deleted when done.
type Depth struct {
	Queue  string
	Tenant tenancy.ID
	Length int64
	// Oldest is the age of the first entry, by Redis' clock against ours; known for the deepest ones only.
	Oldest time.Duration
}

const (
	// maxDepthSeries bounds the tenant label; the shallower rest is summed as "other".
	maxDepthSeries = 200
	// maxOldest bounds the entries fetched to learn their age: each comes with its payload.
	maxOldest    = 20
	depthTimeout = 3 * time.Second
	depthChunk   = 1000
)

// Depths measures all queues of the tenants with recent messages, deepest first; empty ones are left out.
// It costs one XLEN for each tenant and queue, pipelined: for scrapes and screens, not for decisions.
func (b *Bus) Depths(ctx context.Context) ([]Depth, error) {
	active, err := lanes.Active(ctx, b.ops, lanes.ActiveSince(b.now()))
	if err != nil {
		return nil, away(err)
	}
	var all []Depth
	for tenant := range active {
		for _, q := range allLanes {
			all = append(all, Depth{Queue: q.name, Tenant: tenant})
		}
	}
	for part := range slices.Chunk(all, depthChunk) {
		pipe := b.ops.Pipeline()
		for _, d := range part {
			pipe.XLen(ctx, d.topic())
		}
		answers, err := pipe.Exec(ctx)
		if len(answers) != len(part) {
			return nil, away(err)
		}
		for i, answer := range answers {
			n, ok := answer.(*redis.IntCmd)
			// A key that is no stream counts as empty; any other error would make a depth wrong.
			if err := answer.Err(); !ok || (err != nil && !strings.HasPrefix(err.Error(), "WRONGTYPE")) {
				return nil, away(err)
			}
			part[i].Length = n.Val()
		}
	}
	all = slices.DeleteFunc(all, func(d Depth) bool { return d.Length == 0 })
	slices.SortFunc(all, func(a, b Depth) int { return cmp.Compare(b.Length, a.Length) })
	for i := range all[:min(maxOldest, len(all))] {
		if first, err := b.ops.XRangeN(ctx, all[i].topic(), "-", "+", 1).Result(); err == nil && len(first) == 1 {
			all[i].Oldest = max(0, b.now().Sub(entryTime(first[0].ID)))
		}
	}
	return all, nil
}

func (d Depth) topic() string { return lane{name: d.Queue}.topic(d.Tenant) }

// DepthCollector measures at every scrape and never in between. One process kind registers it.
func (b *Bus) DepthCollector() prometheus.Collector { return depthCollector{b} }

type depthCollector struct{ bus *Bus }

var (
	depthDesc  = prometheus.NewDesc("chimera_bus_queue_depth", "Entries on a queue, running ones included; the 200 deepest by tenant, the rest as other.", []string{"queue", "tenant_id"}, nil)
	oldestDesc = prometheus.NewDesc("chimera_bus_oldest_seconds", "Age of the oldest entry among the deepest topics of a queue.", []string{"queue"}, nil)
)

func (c depthCollector) Describe(out chan<- *prometheus.Desc) {
	out <- depthDesc
	out <- oldestDesc
}

func (c depthCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), depthTimeout)
	defer cancel()
	depths, err := c.bus.Depths(ctx)
	if err != nil {
		// No depth is better than a wrong one: an autoscaler holds still while the metric is missing.
		c.bus.log.Warn("queue depth is not known", "error", err)
		return
	}
	other, oldest := map[string]int64{}, map[string]time.Duration{}
	for _, q := range allLanes {
		other[q.name], oldest[q.name] = 0, 0
	}
	for i, d := range depths {
		oldest[d.Queue] = max(oldest[d.Queue], d.Oldest)
		if i >= maxDepthSeries {
			other[d.Queue] += d.Length
			continue
		}
		out <- prometheus.MustNewConstMetric(depthDesc, prometheus.GaugeValue, float64(d.Length), d.Queue, string(d.Tenant))
	}
	for queue, n := range other {
		out <- prometheus.MustNewConstMetric(depthDesc, prometheus.GaugeValue, float64(n), queue, "other")
		out <- prometheus.MustNewConstMetric(oldestDesc, prometheus.GaugeValue, oldest[queue].Seconds(), queue)
	}
}
