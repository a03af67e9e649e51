package rules

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/kit/fuzztest"
)

const anID = "0190a1b2-0000-7000-8000-00000000000A"

// path is a valid message of every type that each task of the path brings.
func path() []proto.Message {
	digest := strings.Repeat("0a", 32)
	return []proto.Message{
		&busv1.Task{
			Id: anID, TenantId: anID,
			Context: &busv1.TaskContext{CampaignId: anID, AgentId: anID, PersonaVersion: 1, PlanVersion: 1, Node: "é", DependsOn: []string{anID}, RequestId: "r"},
			Spec: &busv1.TaskSpec{
				Kind: busv1.TaskKind_TASK_KIND_READ, Mode: busv1.TaskMode_TASK_MODE_RUN, Tool: "a.b_1", ToolDigest: digest, ArgumentsJson: []byte("{}"), AccountId: anID,
			},
			Resources: &busv1.TaskResources{Timeout: durationpb.New(1), MaxAttempts: 1, Deadline: timestamppb.Now()},
			Version:   &busv1.TaskVersion{Epoch: 1, SpecDigest: digest},
			Grant:     &busv1.SignedGrant{Payload: []byte{1}, Signature: make([]byte, 64), KeyId: "k"},
		},
		&busv1.Result{
			Id: anID, TenantId: anID, TaskId: anID, Epoch: 1, Attempt: 1, Status: busv1.ResultStatus_RESULT_STATUS_SUCCESS,
			Confidence: &busv1.Confidence{Score: 1, Basis: "b"}, Usage: &busv1.Usage{Duration: durationpb.New(0)}, Tools: []*busv1.ToolVersion{{Tool: "t"}},
			Provenance: &busv1.Provenance{Sources: []*busv1.Source{{Url: "u"}}, Degraded: []string{"d"}}, WorkerId: "w", FinishedAt: timestamppb.Now(),
		},
		&busv1.Grant{
			Id: anID, TenantId: anID, TaskId: anID, EffectId: anID, AccountId: anID, Tool: "a.b", ToolDigest: digest, PayloadSha256: digest,
			PlatformKey: "k", NotBefore: timestamppb.Now(), NotAfter: timestamppb.Now(), Approver: "a",
		},
		&busv1.ReviewDecision{
			Id: anID, TenantId: anID, TaskId: anID, ResultId: anID, TaskStateVersion: 1, Verdict: busv1.Verdict_VERDICT_APPROVED, Checks: []*busv1.Check{{Name: "c"}},
			Decider: busv1.DeciderKind_DECIDER_KIND_JUDGE, DecidedBy: "judge", Authorisation: &busv1.CommitAuthorisation{}, DecidedAt: timestamppb.Now(),
		},
		&internalv1.ClaimTasksRequest{WorkerId: "w", Items: []*internalv1.ClaimItem{{TenantId: anID, TaskId: anID, SpecDigest: digest}}},
		&internalv1.HeartbeatRequest{WorkerId: "w", Items: []*internalv1.HeartbeatItem{{TenantId: anID, TaskId: anID, Epoch: 1}}},
		&platformv1.StartCampaignRequest{CampaignId: anID, StateVersion: 1},
	}
}

// TestAPlanAgreesWithTheContract: R9.4, R12.3. Every field of every message of the path takes values on and around every
// bound; what a plan accepts protovalidate accepts, and what it leaves to protovalidate is broken or far out of bounds.
func TestAPlanAgreesWithTheContract(t *testing.T) {
	tried, refused := 0, 0
	for _, m := range path() {
		require.True(t, planOf(m.ProtoReflect().Descriptor()).proves(m.ProtoReflect()), "%s has a rule that plans do not know", m.ProtoReflect().Descriptor().FullName())
		vary(m.ProtoReflect(), func(what string) {
			tried++
			valid := protovalidate.Validate(m)
			proved := planOf(m.ProtoReflect().Descriptor()).proves(m.ProtoReflect())
			if valid != nil {
				refused++
			}
			require.False(t, proved && valid != nil, "%s: %v", what, valid)
			require.True(t, proved || valid != nil || strings.HasSuffix(what, "beyond"), "%s is left to protovalidate", what)
		})
	}
	t.Logf("%d messages, %d of them broken", tried, refused)
	require.Greater(t, tried, 1500)
	require.Greater(t, refused, 500)
}

// vary gives every field under m many values, one at a time, and asks look at each.
func vary(m protoreflect.Message, look func(what string)) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		// Of a copy: a list that is read here would be the one that is emptied below.
		before, had := proto.Clone(m.Interface()).ProtoReflect().Get(fd), m.Has(fd)
		name := string(fd.FullName())
		m.Clear(fd)
		look(name + " unset")
		switch {
		case fd.IsList():
			for _, n := range []int{1, 16, 17, 64, 65, 100, 101, 200, 201, 256, 257, 512, 513, 1000, 1001} {
				list := m.NewField(fd)
				for range n {
					item := list.List().NewElement()
					if had {
						item = before.List().Get(0)
					}
					list.List().Append(item)
				}
				m.Set(fd, list)
				look(name + " list")
			}
			if fd.Message() == nil && had {
				for what, v := range values(fd) {
					list := m.NewField(fd)
					list.List().Append(before.List().Get(0))
					list.List().Append(v)
					m.Set(fd, list)
					look(name + " item " + what)
				}
			}
		case fd.Message() != nil:
			if _, ok := before.Message().Interface().(*durationpb.Duration); ok {
				for what, v := range durations() {
					m.Set(fd, protoreflect.ValueOfMessage(v.ProtoReflect()))
					look(name + " " + what)
				}
			}
		default:
			for what, v := range values(fd) {
				m.Set(fd, v)
				look(name + " " + what)
			}
		}
		if m.Clear(fd); had {
			m.Set(fd, before)
		}
		if had && fd.Message() != nil && fd.Message().ParentFile().Package() != "google.protobuf" {
			if fd.IsList() {
				vary(m.Get(fd).List().Get(0).Message(), look)
			} else {
				vary(m.Get(fd).Message(), look)
			}
		}
	}
}

func durations() map[string]*durationpb.Duration {
	out := map[string]*durationpb.Duration{
		"malformed, beyond": {Seconds: 1, Nanos: -1}, "overfull, beyond": {Nanos: 1e9}, "beyond": {Seconds: 300_000_000_000}, "endless, beyond": {Seconds: math.MaxInt64}, "past, beyond": {Seconds: math.MinInt64},
	}
	for _, n := range []int64{-1e9, -1, 0, 1, 599999999999, 600000000000, 600000000001} {
		out["of "+strconv.Itoa(int(n))] = durationpb.New(time.Duration(n))
	}
	return out
}

func values(fd protoreflect.FieldDescriptor) map[string]protoreflect.Value {
	out := map[string]protoreflect.Value{}
	switch fd.Kind() {
	case protoreflect.StringKind:
		texts := []string{
			"", "a", "é", "aé", "\x00", "\n", anID, strings.ToLower(anID), anID + "\n", anID + "0", anID[:35], anID[:35] + "g", strings.ReplaceAll(anID, "-", "_"), strings.ReplaceAll(anID, "-", "0"),
			anID[:9] + "-" + anID[9:35], "éé" + anID[4:], "{" + anID + "}", "urn:uuid:" + anID, strings.Repeat("-", 36), strings.Repeat("0", 36), strings.Repeat("0", 32),
			strings.Repeat("0a", 32), strings.Repeat("0A", 32), strings.Repeat("g", 64), strings.Repeat("é", 32), strings.Repeat("0", 63) + "\n", "\n" + strings.Repeat("0", 63), strings.Repeat("0", 64) + "\n",
			"a.b", "a.", ".b", "a.b.c", "A.b", "1.b", "a.1", "_a.b", "a_.b_", "a0.b0\n", "a-b.c", "aé.b", "a..b", ".",
		}
		for _, n := range []int{2, 3, 63, 64, 65, 79, 80, 81, 119, 120, 121, 199, 200, 201, 399, 400, 401, 500, 501, 1000, 1001, 2048, 2049, 4000, 4001, 65536, 65537} {
			texts = append(texts, strings.Repeat("a", n), strings.Repeat("é", n), "a."+strings.Repeat("b", n))
		}
		for _, s := range texts {
			out[s[:min(len(s), 50)]+strconv.Itoa(len(s))] = protoreflect.ValueOfString(s)
		}
	case protoreflect.BytesKind:
		for _, n := range []int{0, 1, 2, 63, 64, 65, 4096, 4097, 262144, 262145} {
			out["bytes "+strconv.Itoa(n)] = protoreflect.ValueOfBytes(make([]byte, n))
		}
	case protoreflect.Int32Kind:
		for _, n := range []int32{math.MinInt32, -1, 0, 1, 2, 19, 20, 21, math.MaxInt32} {
			out["number "+strconv.Itoa(int(n))] = protoreflect.ValueOfInt32(n)
		}
	case protoreflect.Int64Kind:
		for _, n := range []int64{math.MinInt64, -1, 0, 1, 2, math.MaxInt64} {
			out["number "+strconv.Itoa(int(n))] = protoreflect.ValueOfInt64(n)
		}
	case protoreflect.DoubleKind:
		for what, n := range map[string]float64{"-0": math.Copysign(0, -1), "-": -math.SmallestNonzeroFloat64, "0": 0, "1": 1, "1+": math.Nextafter(1, 2), "nan": math.NaN(), "inf": math.Inf(1), "-inf": math.Inf(-1)} {
			out[what] = protoreflect.ValueOfFloat64(n)
		}
	case protoreflect.EnumKind:
		for n := protoreflect.EnumNumber(-1); n < 60; n++ {
			out["enum "+strconv.Itoa(int(n))] = protoreflect.ValueOfEnum(n)
		}
	case protoreflect.BoolKind:
		out["true"] = protoreflect.ValueOfBool(true)
	}
	return out
}

// FuzzRules: whatever the bytes, and whichever contract they claim to follow, a plan accepts no message that
// protovalidate refuses (R9.4, R12.3).
func FuzzRules(f *testing.F) {
	byName := map[string]protoreflect.MessageType{}
	protoregistry.GlobalTypes.RangeMessages(func(m protoreflect.MessageType) bool {
		if name := string(m.Descriptor().FullName()); strings.HasPrefix(name, "chimera.") {
			byName[name] = m
			f.Add(name, []byte{})
		}
		return true
	})
	require.Greater(f, len(byName), 100)
	for _, m := range path() {
		raw, err := proto.Marshal(m)
		require.NoError(f, err)
		f.Add(string(m.ProtoReflect().Descriptor().FullName()), raw)
	}
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		defer fuzztest.Bound(t)()
		kind, ok := byName[name]
		if !ok || len(raw) > maxListed {
			return
		}
		m := kind.New()
		if proto.Unmarshal(raw, m.Interface()) == nil && planOf(m.Descriptor()).proves(m) {
			require.NoError(t, protovalidate.Validate(m.Interface()))
		}
	})
}
