package committest

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
)

// Tools are what the scripted worker offers.
var Tools = []string{"trends.collect", "memory.recall", "copywriter.draft", "publisher.publish", "publisher.read", "publisher.lookup", "analytics.collect"}

// Offer registers the tools; version changes every digest.
func (w *World) Offer(version string) {
	req := &internalv1.RegisterToolsRequest{WorkerId: "w1"}
	for _, name := range Tools {
		digest, canonical := Descriptor(w, name, version)
		req.Tools = append(req.Tools, &internalv1.ToolDescriptor{Tool: name, Version: version, Digest: digest, DescriptorJson: canonical, ReadOnly: name != "publisher.publish"})
	}
	require.NoError(w.T, w.Commit.RegisterTools(w.T.Context(), req))
}

// Descriptor is a tool's as the worker would see it.
func Descriptor(w *World, name, version string) (string, []byte) {
	digest, canonical, err := grant.ToolDescriptor{Name: name, Description: version, InputSchema: json.RawMessage(`{"type":"object"}`)}.Digest()
	require.NoError(w.T, err)
	return digest, canonical
}

// Take dispatches what is ready.
func (w *World) Take(sc tenancy.Scope) []*busv1.Task {
	taken, err := w.Commit.TakeReady(w.T.Context(), sc, 100)
	require.NoError(w.T, err)
	tasks := make([]*busv1.Task, 0, len(taken))
	for _, t := range taken {
		tasks = append(tasks, t.Task)
	}
	return tasks
}

// Claim claims a message and answers the outcome.
func (w *World) Claim(m *busv1.Task) *internalv1.ClaimOutcome {
	digest, err := grant.SpecDigest(m.GetSpec())
	require.NoError(w.T, err)
	resp, err := w.Commit.Claim(w.T.Context(), "service:worker", &internalv1.ClaimTasksRequest{WorkerId: "w1", Items: []*internalv1.ClaimItem{{TenantId: m.GetTenantId(), TaskId: m.GetId(), Epoch: m.GetVersion().GetEpoch(), SpecDigest: digest}}})
	require.NoError(w.T, err)
	return resp.GetOutcomes()[0]
}

// Success is a result with the given output.
func Success(m *busv1.Task, claim *internalv1.ClaimOutcome, output string) *busv1.Result {
	return &busv1.Result{
		Id: uuid.Must(uuid.NewV7()).String(), TenantId: m.GetTenantId(), TaskId: m.GetId(), Epoch: claim.GetEpoch(), Attempt: claim.GetAttempt(),
		Status: busv1.ResultStatus_RESULT_STATUS_SUCCESS, OutputJson: []byte(output), Confidence: &busv1.Confidence{Score: 0.95, Basis: "scripted"}, Usage: &busv1.Usage{Duration: durationpb.New(time.Millisecond)},
		Provenance: &busv1.Provenance{Method: "scripted", Tainted: m.GetSpec().GetTool() == "trends.collect"}, WorkerId: "w1", FinishedAt: timestamppb.Now(), RequestId: m.GetContext().GetRequestId(),
	}
}

// Output is what the scripted tool answers to a task; an execution's uri is derived from the task.
func Output(m *busv1.Task) string {
	account := m.GetSpec().GetAccountId()
	switch m.GetSpec().GetTool() {
	case "trends.collect":
		return `{"trends":[{"title":"Beans","summary":"s","url":"https://example.org/a","tainted":true}]}`
	case "memory.recall":
		return `{"memories":[],"degraded":""}`
	case "copywriter.draft":
		return `{"text":"Grind fresh, taste more.","langs":["en"],"tags":[]}`
	case "publisher.publish":
		if m.GetSpec().GetMode() == busv1.TaskMode_TASK_MODE_PROPOSE {
			return `{"payload":` + Payload(account, "Grind fresh, taste more.\n\n(AI-generated)") + `,"preview":{},"violations":[]}`
		}
		return `{"remote_id":"r1","uri":"at://x/` + m.GetId() + `","url":"https://example.org/p/` + m.GetId() + `"}`
	case "publisher.read":
		return `{"found":true,"uri":"at://x","text":"Grind fresh, taste more. (AI-generated)"}`
	case "analytics.collect":
		return `{"posts":[{"uri":"at://x","likes":3,"reposts":1,"replies":0}]}`
	}
	return `{}`
}

// Payload is a publish payload with the disclosure that the platform's rules ask for.
func Payload(account, text string) string {
	raw, _ := json.Marshal(map[string]any{
		"platform": "bluesky", "account_id": account, "text": text, "langs": []string{"en"}, "media": []any{}, "tags": []any{}, "content_warning": "", "visibility": "public",
		"self_labels": []string{"ai-generated"}, "disclosure": map[string]any{"ai_generated": true, "method": "scripted"},
	})
	return string(raw)
}

// Do takes one message through claim, result and verdict. An execution redeems its grant first.
func (w *World) Do(sc tenancy.Scope, m *busv1.Task) {
	claim := w.Claim(m)
	require.True(w.T, claim.GetGranted(), claim.GetReason())
	r := Success(m, claim, Output(m))
	if m.GetSpec().GetMode() == busv1.TaskMode_TASK_MODE_EXECUTE {
		_, err := w.Redeem(sc, m, claim)
		require.NoError(w.T, err)
		r.Outcome = busv1.EffectOutcome_EFFECT_OUTCOME_DONE
	}
	w.Finish(sc, r)
}

// Finish records a result and answers the verdict, once it is applied.
func (w *World) Finish(sc tenancy.Scope, r *busv1.Result) *busv1.ReviewDecision {
	recorded, err := w.Commit.RecordResult(w.T.Context(), sc, r)
	require.NoError(w.T, err)
	if !recorded.Applied {
		require.NoError(w.T, w.Commit.ApplyDecision(w.T.Context(), sc, recorded.Decision))
	}
	return recorded.Decision
}

// Redeem does what a skill does right before it acts.
func (w *World) Redeem(sc tenancy.Scope, m *busv1.Task, claim *internalv1.ClaimOutcome) (*internalv1.RedeemGrantResponse, error) {
	hash, err := grant.PayloadSHA256(m.GetSpec().GetArgumentsJson())
	require.NoError(w.T, err)
	skill := tenancy.Scope{Tenant: sc.Tenant, Actor: "service:skill:publisher"}
	return w.Commit.Redeem(w.T.Context(), skill, &internalv1.RedeemGrantRequest{
		TenantId: m.GetTenantId(), TaskId: m.GetId(), Epoch: claim.GetEpoch(), Grant: m.GetGrant(),
		PayloadSha256: hash, ToolDigest: m.GetSpec().GetToolDigest(),
	})
}

// UntilReview works until a review waits, and answers it.
func (w *World) UntilReview(sc tenancy.Scope) store.Review {
	w.T.Helper()
	for range 20 {
		for _, m := range w.Take(sc) {
			w.Do(sc, m)
		}
		if open := w.Reviews(sc); len(open) > 0 {
			return open[0]
		}
	}
	require.FailNow(w.T, "no review came up")
	return store.Review{}
}

// Reviews answers the open items.
func (w *World) Reviews(sc tenancy.Scope) []store.Review {
	var open []store.Review
	w.Read(sc, func(ctx context.Context, tx *store.Tx) (err error) {
		open, err = tx.ReviewList(ctx, store.ReviewFilter{State: "open"}, nil, 50)
		return err
	})
	return open
}

// Approve approves an item as it is.
func (w *World) Approve(r store.Review) {
	w.T.Helper()
	_, err := w.Commit.ApproveReview(w.T.Context(), w.Reviewer, commit.Idempotency{}, r.ID, r.StateVersion, r.PayloadSHA256, nil, "fine")
	require.NoError(w.T, err)
}

// Execution takes the approved effect's message.
func (w *World) Execution(sc tenancy.Scope) *busv1.Task {
	w.T.Helper()
	for _, m := range w.Take(sc) {
		if m.GetSpec().GetMode() == busv1.TaskMode_TASK_MODE_EXECUTE {
			return m
		}
	}
	require.FailNow(w.T, "no execution was dispatched")
	return nil
}

// Task answers a task's row.
func (w *World) Task(sc tenancy.Scope, id string) store.Task {
	var t store.Task
	w.Read(sc, func(ctx context.Context, tx *store.Tx) (err error) {
		t, err = tx.TaskGet(ctx, id)
		return err
	})
	return t
}

// Effects answers all effects, newest first.
func (w *World) Effects(sc tenancy.Scope) []store.Effect {
	var out []store.Effect
	w.Read(sc, func(ctx context.Context, tx *store.Tx) (err error) {
		out, err = tx.EffectList(ctx, "", "", 50)
		return err
	})
	return out
}

// SecurityEvents answers the kinds recorded, newest first.
func (w *World) SecurityEvents(sc tenancy.Scope) string {
	var kinds []string
	w.Read(sc, func(ctx context.Context, tx *store.Tx) error {
		events, err := tx.SecurityEventList(ctx, "", 100)
		for _, e := range events {
			kinds = append(kinds, e.Kind)
		}
		return err
	})
	return strings.Join(kinds, ",")
}
