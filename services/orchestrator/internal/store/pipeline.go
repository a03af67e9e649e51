package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pipeline is one transaction on its connection. What needs no answer of its own waits in it and goes out with the next
// question, the beginning too: a transaction that asks nothing sends nothing. All of one round trip ends with one Sync,
// so after a statement that fails Postgres skips the rest: nothing runs for a tenant that was not entered.
type pipeline struct {
	conn *pgx.Conn
	// ctx is the transaction's, for whoever asks the time before anything else.
	ctx   context.Context
	begin string
	// forget has the connection forget its plans first. It follows the beginning: what says how to read must be said before all.
	forget bool
	// enter queues the statement that chooses a tenant.
	enter   func(tenant string)
	waiting pgx.Batch
	// last goes out with the commit.
	last []turn
	// whose is the tenant that what waits, or was sent, has entered; "" before the beginning.
	whose string
	// now is zero until the beginning was answered.
	now time.Time
	// failed is set when something that waited failed, and when the transaction is over: nothing is sent after it.
	failed error
}

// turn is what one tenant has to say in a transaction of several.
type turn struct {
	tenant string
	batch  *pgx.Batch
}

var errOver = errors.New("the transaction is over")

// queue lets a batch for a tenant wait, behind what waits already.
func (p *pipeline) queue(tenant string, b *pgx.Batch) {
	if b.Len() == 0 {
		return
	}
	p.as(tenant)
	p.waiting.QueuedQueries = append(p.waiting.QueuedQueries, b.QueuedQueries...)
}

// as begins, unless something did before, and enters a tenant, unless it was the last one entered.
func (p *pipeline) as(tenant string) {
	if p.whose == "" {
		p.waiting.Queue(p.begin)
		if p.forget {
			p.waiting.Queue(discardPlans)
		}
	}
	if p.whose != tenant {
		p.enter(tenant)
		p.whose = tenant
	}
}

// ask sends a batch for a tenant behind all that waits, in one round trip.
func (p *pipeline) ask(ctx context.Context, tenant string, b *pgx.Batch) error {
	p.as(tenant)
	return p.send(ctx, b)
}

// flush sends what waits, if anything does.
func (p *pipeline) flush(ctx context.Context) error { return p.send(ctx, &pgx.Batch{}) }

// send fails the transaction for good when something that waited fails: nobody was there to be told, so whatever the one
// who asked makes of the error, the transaction ends with it.
func (p *pipeline) send(ctx context.Context, b *pgx.Batch) error {
	if p.failed != nil {
		return p.failed
	}
	waited := p.waiting.QueuedQueries
	p.waiting = pgx.Batch{}
	if len(waited) == 0 {
		return p.conn.SendBatch(ctx, b).Close()
	}
	answered := false
	last := waited[len(waited)-1]
	fn := last.Fn
	last.Fn = func(br pgx.BatchResults) (err error) {
		if fn != nil {
			err = fn(br)
		} else {
			_, err = br.Exec()
		}
		answered = err == nil
		return err
	}
	err := p.conn.SendBatch(ctx, &pgx.Batch{QueuedQueries: append(waited, b.QueuedQueries...)}).Close()
	if !answered {
		p.failed = err
	}
	return err
}

// clock is the database's at the transaction's start. Without an answer it is zero, and the transaction has failed.
func (p *pipeline) clock(tenant string) time.Time {
	if p.now.IsZero() {
		p.as(tenant)
		_ = p.flush(p.ctx) // kept as the transaction's end
	}
	return p.now
}

// commit sends what waits and ends the transaction. Only audit entries may wait by now, and what is asked last: what has a
// check of its own that could fail must be answered before.
func (p *pipeline) commit(ctx context.Context) error {
	for _, t := range p.last {
		p.queue(t.tenant, t.batch)
	}
	if p.whose == "" {
		return p.failed
	}
	p.waiting.Queue("commit").Exec(func(done pgconn.CommandTag) error {
		if done.String() != "COMMIT" {
			return pgx.ErrTxCommitRollback
		}
		return nil
	})
	return p.flush(ctx)
}

// rollback answers why the transaction ends. It keeps a healthy connection; one that does not answer is closed when it is
// released.
func (p *pipeline) rollback(ctx context.Context, why error) error {
	if p.failed != nil {
		why = p.failed
	}
	if !p.conn.IsClosed() && p.conn.PgConn().TxStatus() != 'I' {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
		defer cancel()
		_, _ = p.conn.Exec(ctx, "rollback")
	}
	return translate(why)
}

const rollbackTime = 5 * time.Second

// close makes sure that nothing is sent after the transaction, on a connection that is another's by then.
func (p *pipeline) close() { p.failed = errOver }
