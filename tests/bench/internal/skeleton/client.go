package skeleton

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/encoding/protodelim"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

// Plan is one submission to the skeleton.
type Plan struct {
	ID                string
	Due, Acknowledged time.Time
	chain             bool
	body              []byte
	url               string
	client            *http.Client
}

// Draft makes the bytes of a plan of n tasks that depend on nothing; or, for a chain, of its first step.
func Draft(client *http.Client, address, tenant string, n int, chain bool) (*Plan, error) {
	p := &Plan{ID: uuid.Must(uuid.NewV7()).String(), chain: chain, url: "http://" + address + "/submit", client: client}
	if chain {
		n = 1
		p.url += "?chain=1"
	}
	var out bytes.Buffer
	for range n {
		_, err := protodelim.MarshalTo(&out, &busv1.Task{
			Id: uuid.Must(uuid.NewV7()).String(), TenantId: tenant, Context: &busv1.TaskContext{CampaignId: p.ID},
			Spec: &busv1.TaskSpec{Kind: busv1.TaskKind_TASK_KIND_READ, Tool: "noop.noop", ArgumentsJson: []byte(`{"text":"Do nothing at all, as fast as it can be done, and leave a trace of every step of it."}`)},
		})
		if err != nil {
			return nil, err
		}
	}
	p.body = out.Bytes()
	return p, nil
}

// Submit sends the plan; its tasks are durable when it returns.
func (p *Plan) Submit(ctx context.Context, due time.Time) error {
	p.Due = due
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(p.body))
	if err != nil {
		return err
	}
	res, err := p.client.Do(req)
	if err != nil {
		return err
	}
	said, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	p.Acknowledged = time.Now()
	if err == nil && res.StatusCode != http.StatusNoContent {
		err = fmt.Errorf("the skeleton answered %s: %.200s", res.Status, said)
	}
	return err
}

// Committed answers when each plan's last task was committed, and fails unless every one of tasks has its outcome
// and its audit row exactly once.
func Committed(ctx context.Context, db *pgxpool.Pool, tasks int) (map[string]time.Time, error) {
	var open, done, audited int
	err := db.QueryRow(ctx, "select count(*) filter (where state = 1), count(*) filter (where state = 2), (select count(*) from audit) from tasks").Scan(&open, &done, &audited)
	if err != nil || open != 0 || done != tasks || audited != tasks {
		return nil, fmt.Errorf("the skeleton has %d open tasks, %d done and %d audit rows; want %d done: %w", open, done, audited, tasks, err)
	}
	rows, err := db.Query(ctx, "select plan::text, max(pg_xact_commit_timestamp(xmin)) from tasks group by plan")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]time.Time{}
	for rows.Next() {
		var id string
		var at time.Time
		if err := rows.Scan(&id, &at); err != nil {
			return nil, err
		}
		out[id] = at
	}
	return out, rows.Err()
}

// Idle says whether nothing is open.
func Idle(ctx context.Context, db *pgxpool.Pool) (idle bool, err error) {
	err = db.QueryRow(ctx, "select not exists (select from tasks where state = 1)").Scan(&idle)
	return idle, err
}
