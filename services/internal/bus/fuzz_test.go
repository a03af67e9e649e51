package bus

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"buf.build/go/protovalidate"
	"github.com/ThreeDotsLabs/watermill-redisstream/pkg/redisstream"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/internal/bus/internal/lanes"
	"chimera/services/kit/fuzztest"
)

const fuzzTenant = "0190a1b2-0000-7000-8000-000000000001"

// FuzzEntry gives the decoder what anybody who reaches Redis can write (R9.4, R12.3): no entry stops it, none is
// taken for another tenant's, and a handler sees valid messages of its topic's tenant only.
func FuzzEntry(f *testing.F) {
	digest := strings.Repeat("0a", 32)
	task := &busv1.Task{
		Id: fuzzTenant, TenantId: fuzzTenant,
		Context:   &busv1.TaskContext{CampaignId: fuzzTenant, AgentId: fuzzTenant, PersonaVersion: 1, PlanVersion: 1, Node: "collect", RequestId: "req-fuzz-1"},
		Spec:      &busv1.TaskSpec{Kind: busv1.TaskKind_TASK_KIND_READ, Mode: busv1.TaskMode_TASK_MODE_RUN, Tool: "trends.collect", ToolDigest: digest, ArgumentsJson: []byte(`{}`)},
		Resources: &busv1.TaskResources{Timeout: durationpb.New(time.Minute), MaxAttempts: 3},
		Version:   &busv1.TaskVersion{Epoch: 1, StateVersion: 1, SpecDigest: digest},
	}
	require.NoError(f, protovalidate.Validate(task), "a seed that no handler sees leads nowhere")
	payload, err := proto.Marshal(task)
	require.NoError(f, err)
	own := map[string]string{keyType: "chimera.bus.v1.Task", keyTenant: fuzzTenant}
	letter := map[string]string{letterTopic: "tenant:" + fuzzTenant + ":queue:task", letterQueue: "task", letterEntry: "1-1", letterUndecodable: "false", letterFailedAt: "2026-11-22T00:00:00Z"}
	for _, metadata := range []map[string]string{own, letter, nil} {
		msg := message.NewMessage("m-1", payload)
		msg.Metadata = metadata
		values, err := redisstream.DefaultMarshallerUnmarshaller{}.Marshal("topic", msg)
		require.NoError(f, err)
		packed, _ := values["metadata"].([]byte)
		f.Add("m-1", packed, payload, "1700000000000-0", "task")
	}
	f.Add("", []byte{0xdf, 0xff, 0xff, 0xff, 0xff}, []byte("\xff"), "not-a-time", "poison")
	r := &Router{bus: &Bus{log: slog.New(slog.DiscardHandler)}}
	f.Fuzz(func(t *testing.T, id string, metadata, payload []byte, entry, queue string) {
		defer fuzztest.Bound(t)()
		e := lanes.Entry{Deliveries: 1, Values: map[string]any{redisstream.UUIDHeaderKey: id, "metadata": string(metadata), "payload": string(payload)}}
		e.Stream, e.ID = "tenant:"+fuzzTenant+":queue:"+queue, entry
		msg := decode(context.Background(), e)
		a := arrivalOf(msg)
		if a.invalid != "" {
			require.LessOrEqual(t, len(msg.Payload), maxRaw)
		}
		l := openLetter(msg, a)
		require.Equal(t, a.tenant, l.Tenant)
		if m, err := Decode(l); err == nil {
			require.NotNil(t, m)
		}
		if a.invalid != "" {
			return
		}
		_ = typed(r, Tasks, trusted[*busv1.Task](t, a))(msg)
		_ = typed(r, Results, trusted[*busv1.Result](t, a))(msg)
		_ = typed(r, Reviews, trusted[*busv1.ReviewDecision](t, a))(msg)
	})
}

func trusted[M Message](t *testing.T, a *arrival) Handler[M] {
	return func(_ context.Context, d Delivery, m M) error {
		require.Equal(t, string(a.tenant), m.GetTenantId())
		require.Equal(t, a.tenant, d.Scope.Tenant)
		require.NoError(t, protovalidate.Validate(m))
		return nil
	}
}
