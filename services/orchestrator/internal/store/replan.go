package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// plansLive is how long a connection keeps its plans at most.
	plansLive = 10 * time.Second
	// firstPlans is after how many transactions a new connection makes its plans anew; then after twice as many, and so on.
	firstPlans = 8
)

// planAge is what a connection has done with its plans.
type planAge struct {
	since time.Time
	// uses are all of its transactions, until the number of them at which the plans are made anew.
	uses, until int
}

// used counts one more transaction, and tells whether the plans before it had their time.
func (a planAge) used(now time.Time) (planAge, bool) {
	if a.until == 0 {
		return planAge{since: now, uses: 1, until: firstPlans}, false
	}
	a.uses++
	due := now.Sub(a.since) >= plansLive
	if a.uses >= a.until {
		a.until, due = 2*a.until, true
	}
	if due {
		a.since = now
	}
	return a, due
}

// planAgeKey is where a connection notes it.
const planAgeKey = "plan_age"

const discardPlans = "discard plans"

// plansDue counts one more transaction of a connection, and tells whether it should first forget plans that may be from when
// tables were empty, those of foreign keys' checks too. Over an empty table all indexes look alike, and Postgres keeps to its
// choice until it has looked at the table again: a minute and many rows later. What a wrong choice costs grows with the
// rows, so what fills the tables counts and not the time alone (decision 0093).
func plansDue(c *pgx.Conn) bool {
	had, _ := c.PgConn().CustomData()[planAgeKey].(planAge)
	age, due := had.used(time.Now())
	c.PgConn().CustomData()[planAgeKey] = age
	return due
}

// replan is for connections whose questions are no transactions: it asks by itself, where those of a transaction let it
// travel with their beginning.
func replan(ctx context.Context, c *pgx.Conn) (bool, error) {
	if !plansDue(c) {
		return true, nil
	}
	_, err := c.Exec(ctx, discardPlans)
	return err == nil, nil
}
