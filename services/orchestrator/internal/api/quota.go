package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"chimera/services/internal/tenancy"
)

const (
	// eventBurst security events a tenant may have at once, then one every eventEvery: enough to see an attack,
	// and no way for a viewer to fill the audit chain. What is held back is in the log.
	eventBurst = 200
	eventEvery = time.Second
	// maxQuotas bounds the memory of quotas, in tenants.
	maxQuotas = 10_000
)

// quota bounds what refused calls can write, per tenant.
type quota struct {
	mu      sync.Mutex
	tenants map[tenancy.ID]*rate.Limiter
}

func (q *quota) take(tenant tenancy.ID) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.tenants == nil || len(q.tenants) >= maxQuotas {
		q.tenants = map[tenancy.ID]*rate.Limiter{}
	}
	l, ok := q.tenants[tenant]
	if !ok {
		l = rate.NewLimiter(rate.Every(eventEvery), eventBurst)
		q.tenants[tenant] = l
	}
	return l.Allow()
}
