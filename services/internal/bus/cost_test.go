package bus

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	"google.golang.org/protobuf/types/known/durationpb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/internal/bus/internal/lanes"
	"chimera/services/kit/rules"
)

func someTask() *busv1.Task {
	id, digest := uuid.NewString(), strings.Repeat("0a", 32)
	return &busv1.Task{
		Id: id, TenantId: id,
		Context:   &busv1.TaskContext{CampaignId: id, AgentId: id, PersonaVersion: 1, PlanVersion: 1, Node: "collect", RequestId: "req-" + id},
		Spec:      &busv1.TaskSpec{Kind: busv1.TaskKind_TASK_KIND_READ, Mode: busv1.TaskMode_TASK_MODE_RUN, Tool: "trends.collect", ToolDigest: digest, ArgumentsJson: []byte(`{}`)},
		Resources: &busv1.TaskResources{Timeout: durationpb.New(time.Minute), MaxAttempts: 3},
		Version:   &busv1.TaskVersion{Epoch: 1, StateVersion: 1, SpecDigest: digest},
	}
}

// BenchmarkCheck is what holding one message to its rules costs.
func BenchmarkCheck(b *testing.B) {
	m := someTask()
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, rules.Check(m))
	}
}

// BenchmarkSend is one message on its way out, up to Redis.
func BenchmarkSend(b *testing.B) {
	m := someTask()
	b.ReportAllocs()
	for b.Loop() {
		e, err := Tasks.Envelope(b.Context(), m)
		require.NoError(b, err)
		_, err = e.encode()
		require.NoError(b, err)
	}
}

// BenchmarkReceive is one message from what Redis answered to its handler's end, without Watermill's router.
func BenchmarkReceive(b *testing.B) {
	m := someTask()
	e, err := Tasks.Envelope(b.Context(), m)
	require.NoError(b, err)
	wire, err := e.encode()
	require.NoError(b, err)
	values := map[string]any{}
	for k, v := range wire.add.Values.(map[string]any) {
		switch v := v.(type) {
		case []byte:
			values[k] = string(v)
		default:
			values[k] = v
		}
	}
	metrics, err := newMetrics(prometheus.NewRegistry())
	require.NoError(b, err)
	r := &Router{bus: &Bus{log: slog.New(slog.DiscardHandler), metrics: metrics, now: time.Now}, limiter: rate.NewLimiter(rate.Inf, 1)}
	handle := typed(r, Tasks, func(context.Context, Delivery, *busv1.Task) error { return nil })
	chain := message.HandlerFunc(func(msg *message.Message) ([]*message.Message, error) { return nil, handle(msg) })
	layers := r.chain(Tasks.lane, Options{}.withDefaults())
	for i := len(layers) - 1; i >= 0; i-- {
		chain = layers[i].wrap(chain)
	}
	entry := lanes.Entry{Ref: lanes.Ref{Stream: wire.add.Stream, ID: "1700000000000-0"}, Deliveries: 1, Values: values}
	b.ReportAllocs()
	for b.Loop() {
		_, err := chain(decode(b.Context(), entry))
		require.NoError(b, err)
	}
}
