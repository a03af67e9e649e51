package lanes

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	maxAckBatch = 512
	ackTries    = 5
	ackTimeout  = 5 * time.Second
	// ackLinger is how long acks gather: nobody waits for one, and each flush costs two commands a stream.
	ackLinger = 5 * time.Millisecond
)

// Ack says that an entry is done with. It waits only while Redis is so far behind that a whole batch of
// acks is waiting: that is the bound on them.
func (l *Lanes) Ack(ref Ref) {
	l.mu.Lock()
	l.putOffs = 0
	l.mu.Unlock()
	select {
	case l.acks <- ref:
	case <-l.done:
		// A handler that outlived the shutdown: its entry comes again and is refused by the fence.
	}
}

// Keep sends acks and keeps alive the claim on what is in hand, until Finish. It uses no caller's context:
// what was done during a shutdown must still be acknowledged.
func (l *Lanes) Keep() {
	tick := time.NewTicker(l.cfg.ReclaimAfter / 3)
	defer tick.Stop()
	for {
		select {
		case ref := <-l.acks:
			l.flush(ref)
		case <-tick.C:
			l.renew()
		case <-l.done:
			select {
			case ref := <-l.acks:
				l.flush(ref)
			default:
				return
			}
		}
	}
}

// Finish lets Keep end once the acks given so far are sent. It may be called once.
func (l *Lanes) Finish() { close(l.done) }

// flush sends first and what else comes within ackLinger.
func (l *Lanes) flush(first Ref) {
	batch := []Ref{first}
	linger := time.NewTimer(ackLinger)
	defer linger.Stop()
	for waiting := true; waiting && len(batch) < maxAckBatch; {
		select {
		case ref := <-l.acks:
			batch = append(batch, ref)
		case <-linger.C:
			waiting = false
		}
	}
	byStream := map[string][]string{}
	for _, ref := range batch {
		byStream[ref.Stream] = append(byStream[ref.Stream], ref.ID)
	}
	var err error
	for try := range ackTries {
		if err = l.sendAcks(byStream); err == nil {
			break
		}
		time.Sleep(minBackoff << try)
	}
	if err != nil {
		// They will be delivered again and refused by the fence: noise, not harm.
		l.cfg.Log.Warn("acknowledging failed; the entries will come again", "group", l.cfg.Group, "entries", len(batch), "error", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ref := range batch {
		delete(l.inFlight, ref)
	}
}

// sendAcks acknowledges and deletes in one transaction: acknowledging alone keeps every entry for ever,
// deleting alone leaves it pending.
func (l *Lanes) sendAcks(byStream map[string][]string) error {
	ctx, cancel := context.WithTimeout(context.Background(), ackTimeout)
	defer cancel()
	_, err := l.ops.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		for stream, ids := range byStream {
			pipe.XAck(ctx, stream, l.cfg.Group, ids...)
			pipe.XDel(ctx, stream, ids...)
		}
		return nil
	})
	return err
}
