package bus_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/infra/local/parts/partstest"
	"chimera/services/internal/bus"
	"chimera/services/internal/bus/bustest"
	"chimera/services/internal/tenancy"
)

func TestMain(m *testing.M) { partstest.Main(m) }

const wait = 15 * time.Second

// seen collects what a handler or a sink was given.
type seen[T any] struct {
	mu  sync.Mutex
	all []T
}

func (s *seen[T]) add(v T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, v)
}

func (s *seen[T]) list() []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]T(nil), s.all...)
}

func (s *seen[T]) reaches(t *testing.T, n int) []T {
	t.Helper()
	require.Eventually(t, func() bool { return len(s.list()) >= n }, wait, 5*time.Millisecond, "want %d", n)
	return s.list()
}

func router(t *testing.T, b *bus.Bus, drain time.Duration) *bus.Router {
	t.Helper()
	r, err := bus.NewRouter(b, bus.RouterConfig{Drain: drain})
	require.NoError(t, err)
	return r
}

func publish(t *testing.T, b *bus.Bus, tasks ...*busv1.Task) {
	t.Helper()
	envelopes := make([]bus.Envelope, len(tasks))
	for i, task := range tasks {
		var err error
		envelopes[i], err = bus.Tasks.Envelope(t.Context(), task)
		require.NoError(t, err)
	}
	require.NoError(t, b.Publish(t.Context(), envelopes...))
}

func tasksOf(tenant tenancy.ID, n int) []*busv1.Task {
	tasks := make([]*busv1.Task, n)
	for i := range tasks {
		tasks[i] = bustest.Task(tenant)
	}
	return tasks
}

// letters stores every tenant's poison letters, through a router of its own.
func letters(t *testing.T, b *bus.Bus) *seen[bus.PoisonLetter] {
	t.Helper()
	var found seen[bus.PoisonLetter]
	r := router(t, b, time.Second)
	bus.ConsumePoison(r, func(_ context.Context, l bus.PoisonLetter) error { found.add(l); return nil })
	bustest.Run(t, r)
	return &found
}

func empty(t *testing.T, address string, tenant tenancy.ID, queue string) {
	t.Helper()
	require.Eventually(t, func() bool { return bustest.Length(t, address, tenant, queue) == 0 }, wait, 10*time.Millisecond, "XLEN of %s stays above 0", queue)
}
