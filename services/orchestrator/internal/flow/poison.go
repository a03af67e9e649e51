package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/bus"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
)

// letterSpace derives a letter's id from its message, so that the same message poisoned twice is one letter.
var letterSpace = uuid.MustParse("6f5902ac-237f-5f6c-8a36-1bd1e2a1b6f1")

// OnPoison keeps a message that could not be handled where people can inspect it (R12.3).
func (f *Flow) OnPoison(ctx context.Context, l bus.PoisonLetter) error {
	kept := l
	kept.Payload = nil // it is the letter's raw bytes already
	metadata, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("letter: %w", err)
	}
	f.metrics.poisoned.WithLabelValues(l.Queue).Inc()
	sc := tenancy.Scope{Tenant: l.Tenant, Actor: "system:poison", RequestID: l.RequestID}
	err = f.commit.KeepDeadLetter(ctx, sc, store.DeadLetter{
		ID:    uuid.NewSHA1(letterSpace, []byte(string(l.Tenant)+l.ID+l.EntryID)).String(),
		Queue: l.Queue, MessageID: l.MessageID, TaskID: l.TaskID, Reason: l.Message, Raw: l.Payload, Metadata: metadata,
	})
	if errs.ReasonOf(err) == typev1.Reason_REASON_NOT_FOUND {
		f.log.WarnContext(ctx, "poisoned message of a tenant that does not exist", "topic", l.Topic, "message_id", l.MessageID)
		return nil
	}
	return err
}

// Replay puts a dead letter's message back on its queue, or retries the task it stands for. The letter has been
// closed before, so it happens at most once; what is replayed is fenced like any other message.
func (f *Flow) Replay(ctx context.Context, sc tenancy.Scope, d store.DeadLetter) error {
	var kind struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(d.Metadata, &kind); err == nil && kind.Kind == commit.ExhaustedKind {
		return f.retry(ctx, sc, d.TaskID)
	}
	var l bus.PoisonLetter
	if err := json.Unmarshal(d.Metadata, &l); err != nil {
		return fmt.Errorf("stored letter: %w", err)
	}
	if l.Tenant != sc.Tenant {
		return errors.New("stored letter: another tenant's")
	}
	l.Payload = d.Raw
	return f.bus.Replay(ctx, l)
}

func (f *Flow) retry(ctx context.Context, sc tenancy.Scope, taskID string) error {
	var version int64
	err := f.store.Read(ctx, sc, func(ctx context.Context, tx *store.Tx) error {
		t, err := tx.TaskGet(ctx, taskID)
		version = t.StateVersion
		return err
	})
	if err != nil {
		return err
	}
	_, err = f.commit.RetryTask(ctx, sc, taskID, version)
	return err
}
