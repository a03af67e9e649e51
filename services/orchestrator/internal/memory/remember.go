package memory

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-openapi/strfmt"
	"github.com/google/uuid"
	"github.com/weaviate/weaviate/entities/models"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
)

// maxText bounds one memory, in bytes.
const maxText = 16 << 10

// Item is one memory.
type Item struct {
	// ID is the caller's: the same id again replaces, so that remembering may be repeated.
	ID   uuid.UUID
	Text string
	// Kind says what it is, for example "post".
	Kind string
	// Tainted marks text that came from outside and is no instruction.
	Tainted bool
	At      time.Time
	// Score is set by Recall only: the BM25 weight, comparable within one answer.
	Score float64
}

// refusedError is the store's refusal of one request, found inside an answer with status 200.
type refusedError struct{ message string }

func (e *refusedError) Error() string { return "weaviate refused: " + e.message }

// Remember stores an item in the scope's tenant. Errors: Denied TENANT_REQUIRED without a tenant; Invalid for
// an item without id, text or time; Unavailable MEMORY_DEGRADED when the store cannot take it now.
func (m *Memory) Remember(ctx context.Context, sc tenancy.Scope, item Item) error {
	if err := checkScope(sc); err != nil {
		return err
	}
	if item.ID == uuid.Nil || strings.TrimSpace(item.Text) == "" || len(item.Text) > maxText || item.At.IsZero() {
		return errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "a memory needs an id, a time and a text of at most %d bytes", maxText)
	}
	err := m.call(ctx, func(ctx context.Context) error {
		return m.again(ctx, sc.Tenant, func(ctx context.Context) error { return m.put(ctx, sc.Tenant, item) })
	})
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_MEMORY_DEGRADED, degraded(err))
	}
	return nil
}

// put goes by the batch endpoint, the one that inserts or replaces. It answers 200 whatever became of the
// items, so each one's own errors are read.
func (m *Memory) put(ctx context.Context, tenant tenancy.ID, item Item) error {
	answers, err := m.client.Batch().ObjectsBatcher().WithObjects(&models.Object{
		Class: collectionName, Tenant: string(tenant), ID: strfmt.UUID(item.ID.String()),
		Properties: map[string]any{"text": item.Text, "kind": item.Kind, "tainted": item.Tainted, "at": item.At.UTC().Format(time.RFC3339Nano)},
	}).Do(ctx)
	if err != nil {
		return err
	}
	if len(answers) != 1 || answers[0].Result == nil {
		return &refusedError{fmt.Sprintf("%d answers for one item", len(answers))}
	}
	if failed := answers[0].Result.Errors; failed != nil && len(failed.Error) > 0 {
		return &refusedError{failed.Error[0].Message}
	}
	return nil
}

// again runs fn on an existing tenant, and once more if the store refuses: it may have been emptied since we
// learned what is there.
func (m *Memory) again(ctx context.Context, tenant tenancy.ID, fn func(ctx context.Context) error) error {
	if err := m.ensure(ctx, tenant); err != nil {
		return err
	}
	err := fn(ctx)
	if err == nil || isAway(err) {
		return err
	}
	m.forget(tenant)
	if err := m.ensure(ctx, tenant); err != nil {
		return err
	}
	return fn(ctx)
}
