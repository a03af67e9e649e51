package skeleton

import (
	"context"
	"sync"
)

// lane gathers what arrives while the last batch is under way, and never waits for more: a lone item goes at once.
type lane[T any] struct {
	run  func(ctx context.Context, batch []T) error
	size func(T) int
	max  int // sizes in one batch, at least one item

	mu      sync.Mutex
	waiting []*entry[T]
	busy    int
	lanes   int
}

type entry[T any] struct {
	item T
	done chan error
}

func newLane[T any](lanes, limit int, size func(T) int, run func(context.Context, []T) error) *lane[T] {
	return &lane[T]{run: run, size: size, max: limit, lanes: lanes}
}

// do returns when the batch that the item went with is done.
func (l *lane[T]) do(ctx context.Context, item T) error {
	e := &entry[T]{item: item, done: make(chan error, 1)}
	l.mu.Lock()
	l.waiting = append(l.waiting, e)
	if l.busy < l.lanes {
		l.busy++
		go l.drain(context.WithoutCancel(ctx))
	}
	l.mu.Unlock()
	return <-e.done
}

func (l *lane[T]) drain(ctx context.Context) {
	for {
		batch := l.take()
		if len(batch) == 0 {
			return
		}
		items := make([]T, len(batch))
		for i, e := range batch {
			items[i] = e.item
		}
		err := l.run(ctx, items)
		for _, e := range batch {
			e.done <- err
		}
	}
}

func (l *lane[T]) take() []*entry[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, sum := 0, 0
	for n < len(l.waiting) && (n == 0 || sum+l.size(l.waiting[n].item) <= l.max) {
		sum += l.size(l.waiting[n].item)
		n++
	}
	batch := l.waiting[:n:n]
	l.waiting = l.waiting[n:]
	if n == 0 {
		l.busy--
	}
	return batch
}
