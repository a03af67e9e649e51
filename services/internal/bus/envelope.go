package bus

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/protobuf/proto"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/kit/rules"
)

// Metadata keys: plain strings, readable with redis-cli in an incident.
const (
	keyTenant  = "tenant_id"
	keyTask    = "task_id"
	keyAttempt = "attempt"
	keyEpoch   = "epoch"
	keyRequest = "request_id"
	keyType    = "type"
)

// MaxPayload bounds one message in bytes, both ways.
const MaxPayload = 1 << 20

// Envelope is a message ready to be published: validated, encoded, addressed.
type Envelope struct {
	id       string
	lane     lane
	tenant   tenancy.ID
	metadata map[string]string
	payload  []byte
}

// Envelope validates m and encodes it deterministically; the trace of ctx travels along. Everything in the
// metadata is taken from m itself, so the two cannot disagree. Errors: Invalid.
func (q Queue[M]) Envelope(ctx context.Context, m M) (Envelope, error) {
	if err := rules.Check(m); err != nil {
		return Envelope{}, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the message breaks its own rules: "+err.Error())
	}
	tenant, err := tenancy.ParseID(m.GetTenantId())
	if err != nil {
		return Envelope{}, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_TENANT_REQUIRED, "the message names no tenant")
	}
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return Envelope{}, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the message cannot be encoded")
	}
	if len(payload) > MaxPayload {
		return Envelope{}, errs.Newf(errs.Invalid, typev1.Reason_REASON_TOO_LARGE, "the message is %d bytes; at most %d may travel", len(payload), MaxPayload)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Envelope{}, fmt.Errorf("bus: message id: %w", err)
	}
	metadata := map[string]string{keyTenant: string(tenant), keyType: string(m.ProtoReflect().Descriptor().FullName())}
	f := q.facts(m)
	for key, value := range map[string]string{keyTask: f.task, keyRequest: f.request, keyAttempt: f.attempt, keyEpoch: f.epoch} {
		if value != "" {
			metadata[key] = value
		}
	}
	otel.GetTextMapPropagator().Inject(ctx, propagation.MapCarrier(metadata))
	return Envelope{id: id.String(), lane: q.lane, tenant: tenant, metadata: metadata, payload: payload}, nil
}
