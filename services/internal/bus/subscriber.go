package bus

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"

	"chimera/services/internal/bus/internal/lanes"
)

// subscriber makes a lane Watermill's message.Subscriber: one subscription for one queue of all tenants,
// with as many messages in hand as there are slots.
type subscriber struct {
	lanes  *lanes.Lanes
	reader *redis.Client
	work   context.Context
	// slots are taken before reading: what is not read can be read by another process.
	slots   chan struct{}
	reading context.Context
	stop    context.CancelFunc
	inHand  sync.WaitGroup
}

// Subscribe is called once, by the router. Reading stops with ctx as well as by Close: of the two, the
// closing router sometimes does only the first.
func (s *subscriber) Subscribe(ctx context.Context, _ string) (<-chan *message.Message, error) {
	context.AfterFunc(ctx, s.stop)
	out := make(chan *message.Message)
	go s.pump(out)
	return out, nil
}

// Close stops reading; what is in hand goes on.
func (s *subscriber) Close() error {
	s.stop()
	return nil
}

func (s *subscriber) pump(out chan<- *message.Message) {
	defer close(out)
	for {
		free := s.takeSlots()
		if free == 0 {
			return
		}
		entries := s.lanes.Fetch(s.reading, free)
		s.giveSlots(free - len(entries))
		for _, e := range entries {
			msg := decode(s.work, e)
			s.inHand.Add(1)
			out <- msg
		}
	}
}

// takeSlots waits for a free slot and takes all that are free; 0 means to stop.
func (s *subscriber) takeSlots() int {
	select {
	case <-s.reading.Done():
		return 0
	case s.slots <- struct{}{}:
	}
	n := 1
	for n < cap(s.slots) {
		select {
		case s.slots <- struct{}{}:
			n++
			continue
		default:
		}
		break
	}
	return n
}

func (s *subscriber) giveSlots(n int) {
	for range n {
		<-s.slots
	}
}

// errUnfinished stands for a handler that ended its goroutine instead of returning.
var errUnfinished = errors.New("bus: the handler did not return")

// settle is around the whole chain: what it answers decides the entry's end. An error is never a redelivery in place,
// which would block the queue; the entry stays pending. Watermill's own ack, which follows, is heard by nobody.
func (s *subscriber) settle(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) (out []*message.Message, err error) {
		defer s.inHand.Done()
		ref := arrivalOf(msg).Ref
		// Also when the goroutine is ended, as a failing test does: what never returned stays pending.
		err = errUnfinished
		defer func() {
			if err == nil {
				s.lanes.Ack(ref)
			} else {
				s.lanes.Release(ref)
			}
			s.giveSlots(1)
		}()
		out, err = next(msg)
		return out, err
	}
}

// settled waits until all acks are given, or a handler has outlived even the end of its context.
func (s *subscriber) settled() {
	done := make(chan struct{})
	go func() { s.inHand.Wait(); close(done) }()
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}
