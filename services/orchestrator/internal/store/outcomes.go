package store

import (
	"context"
	"errors"
	"time"

	"chimera/services/kit/errs"
)

// ResultInsert keeps a worker's result. It reports false for one that is there already: a duplicate delivery.
func (t *Tx) ResultInsert(ctx context.Context, id, taskID string, epoch int64, attempt int32, body []byte) (bool, error) {
	n, err := t.exec(ctx, "insert into results (tenant_id, id, task_id, epoch, attempt, body) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
		t.tenant(), id, taskID, epoch, attempt, body)
	return n == 1, err
}

// Result is a stored result.
type Result struct {
	ID        string    `db:"id"`
	TaskID    string    `db:"task_id"`
	Body      []byte    `db:"body"`
	CreatedAt time.Time `db:"created_at"`
}

// ResultGet answers one result.
func (t *Tx) ResultGet(ctx context.Context, id string) (Result, error) {
	return one[Result](ctx, t, "select id, task_id, body, created_at from results where tenant_id = $1 and id = $2", t.tenant(), id)
}

// ResultList answers a task's results, oldest attempt first; at most 100.
func (t *Tx) ResultList(ctx context.Context, taskID string) ([]Result, error) {
	return many[Result](ctx, t, "select id, task_id, body, created_at from results where tenant_id = $1 and task_id = $2 order by epoch limit 100", t.tenant(), taskID)
}

// ResultLast answers the result of the task's latest epoch.
func (t *Tx) ResultLast(ctx context.Context, taskID string) (Result, error) {
	return one[Result](ctx, t, "select id, task_id, body, created_at from results where tenant_id = $1 and task_id = $2 order by epoch desc limit 1", t.tenant(), taskID)
}

// Decision is a stored verdict.
type Decision struct {
	ID        string    `db:"id"`
	TaskID    string    `db:"task_id"`
	ResultID  string    `db:"result_id"`
	Verdict   string    `db:"verdict"`
	Decider   string    `db:"decider"`
	DecidedBy string    `db:"decided_by"`
	Body      []byte    `db:"body"`
	CreatedAt time.Time `db:"created_at"`
}

// DecisionInsert keeps a verdict; false when this decider has decided on this result already.
func (t *Tx) DecisionInsert(ctx context.Context, d Decision) (bool, error) {
	n, err := t.exec(ctx, "insert into decisions (tenant_id, id, task_id, result_id, verdict, decider, decided_by, body) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
		t.tenant(), d.ID, d.TaskID, d.ResultID, d.Verdict, d.Decider, d.DecidedBy, d.Body)
	return n == 1, err
}

// DecisionList answers a task's verdicts, oldest first; at most 200.
func (t *Tx) DecisionList(ctx context.Context, taskID string) ([]Decision, error) {
	return many[Decision](ctx, t, "select id, task_id, result_id, verdict, decider, decided_by, body, created_at from decisions where tenant_id = $1 and task_id = $2 order by created_at, id limit 200", t.tenant(), taskID)
}

// DecisionOn answers the verdict of one kind of decider on a result.
func (t *Tx) DecisionOn(ctx context.Context, resultID, decider string) (Decision, error) {
	return one[Decision](ctx, t, "select id, task_id, result_id, verdict, decider, decided_by, body, created_at from decisions where tenant_id = $1 and result_id = $2 and decider = $3", t.tenant(), resultID, decider)
}

// DeadLetter is a message, or a task, that could not be handled.
type DeadLetter struct {
	ID           string    `db:"id"`
	Queue        string    `db:"queue"`
	MessageID    string    `db:"message_id"`
	TaskID       string    `db:"task_id"`
	Reason       string    `db:"reason"`
	State        string    `db:"state"`
	Raw          []byte    `db:"raw"`
	Metadata     []byte    `db:"metadata"`
	StateVersion int64     `db:"state_version"`
	CreatedAt    time.Time `db:"created_at"`
}

const deadLetterSelect = "select id, queue, message_id, task_id, reason, state, raw, metadata, state_version, created_at from dead_letters where tenant_id = $1"

// DeadLetterInsert keeps a letter. The id is derived from the message, so the same one twice is one letter.
func (t *Tx) DeadLetterInsert(ctx context.Context, d DeadLetter) error {
	_, err := t.exec(ctx, `insert into dead_letters (tenant_id, id, queue, message_id, task_id, reason, raw, metadata)
		values ($1, $2, $3, left($4, 200), left($5, 200), left($6, 1000), $7, $8) on conflict do nothing`,
		t.tenant(), d.ID, d.Queue, d.MessageID, d.TaskID, d.Reason, d.Raw, d.Metadata)
	return err
}

// DeadLetterGet answers one letter.
func (t *Tx) DeadLetterGet(ctx context.Context, id string) (DeadLetter, error) {
	return one[DeadLetter](ctx, t, deadLetterSelect+" and id = $2", t.tenant(), id)
}

// DeadLetterList pages newest first.
func (t *Tx) DeadLetterList(ctx context.Context, state, before string, limit int) ([]DeadLetter, error) {
	return many[DeadLetter](ctx, t, deadLetterSelect+" and ($2 = '' or state = $2) and ($3 = '' or id < nullif($3, '')::uuid) order by id desc limit $4", t.tenant(), state, before, limit)
}

// DeadLetterClose ends an open letter: replayed or discarded, once.
func (t *Tx) DeadLetterClose(ctx context.Context, id string, stateVersion int64, state, reason string) error {
	return t.must1(ctx, `update dead_letters set state = $4, closed_reason = $5, state_version = state_version + 1
		where tenant_id = $1 and id = $2 and state_version = $3 and state = 'open'`, t.tenant(), id, stateVersion, state, reason)
}

// OpenDeadLetters counts what waits for a person.
func (t *Tx) OpenDeadLetters(ctx context.Context) (int, error) {
	return scalar[int](ctx, t, "select count(*)::int from dead_letters where tenant_id = $1 and state = 'open'", t.tenant())
}

// IsMissing tells NOT_FOUND from other failures.
func IsMissing(err error) bool {
	var e *errs.Error
	return errors.As(err, &e) && e.Kind == errs.NotFound
}
