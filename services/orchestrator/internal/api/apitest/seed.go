package apitest

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/planner"
	"chimera/services/orchestrator/internal/store"
)

// Tenant holds one id of every kind of object.
type Tenant struct {
	ID   tenancy.ID
	Slug string

	Agent, Account, Campaign, Stop, Letter        string
	Draft, Publish, Result, Review                string
	Effect, Grant, Post                           string
	CampaignVersion, AgentVersion, AccountVersion int64
}

// Scope is the tenant's own, as its admin.
func (t Tenant) Scope() tenancy.Scope {
	return tenancy.Scope{Tenant: t.ID, Actor: Subject("admin", t.Slug), RequestID: "seed-" + t.Slug}
}

// Seed makes a tenant whose objects are named like every other seeded tenant's. What commit can make at once it
// makes; the end of the path (which takes a worker, a skill and a platform) is written as rows.
func (b *Bench) Seed(slug string) Tenant {
	b.T.Helper()
	ctx, must := b.T.Context(), require.New(b.T)
	t := Tenant{ID: tenancy.ID(NewID()), Slug: slug}
	sc := t.Scope()
	var members []store.Member
	for _, role := range Roles {
		members = append(members, store.Member{Subject: Subject(role, slug), Role: role})
	}
	must.NoError(b.Commit.CreateTenant(ctx, sc, slug, "Same Name", members))
	agent, err := b.Commit.CreateAgent(ctx, sc, commit.Idempotency{}, "Same Agent", &platformv1.Persona{Voice: "calm", Language: "en"})
	must.NoError(err)
	account, err := b.Commit.ConnectAccount(ctx, sc, commit.Idempotency{}, store.Account{AgentID: agent.ID, Platform: "bluesky", Handle: "same.example", BaseURL: "https://pds.example"}, "secret-of-"+slug)
	must.NoError(err)
	campaign, err := b.Commit.CreateCampaign(ctx, sc, commit.Idempotency{}, store.Campaign{AgentID: agent.ID, Name: "Same Campaign", Goal: "tell of coffee", Playbook: planner.Playbooks()[0].Name},
		&platformv1.CampaignParameters{}, []string{account.ID})
	must.NoError(err)
	stop, err := b.Commit.PressStop(ctx, sc, "account", account.ID, "same reason")
	must.NoError(err)
	t.Agent, t.Account, t.Campaign, t.Stop = agent.ID, account.ID, campaign.ID, stop.ID
	t.AgentVersion, t.CampaignVersion, t.AccountVersion = agent.StateVersion, campaign.StateVersion, account.StateVersion
	t.Letter = NewID()
	must.NoError(b.Commit.KeepDeadLetter(ctx, sc, store.DeadLetter{ID: t.Letter, Queue: "task", MessageID: "1-0", Reason: "same reason", Raw: []byte("\xff\xfe"), Metadata: []byte(`{"attempt":"1"}`)}))
	b.path(&t)
	return t
}

func (b *Bench) path(t *Tenant) {
	b.T.Helper()
	t.Draft, t.Publish, t.Result, t.Review, t.Effect, t.Grant, t.Post = NewID(), NewID(), NewID(), NewID(), NewID(), NewID(), NewID()
	sum := strings.Repeat("ab", 32)
	payload := []byte(`{"text":"same text"}`)
	b.Write(*t, func(ctx context.Context, tx *store.Tx) error {
		nodes, err := json.Marshal([]planner.Node{
			{Key: "draft", Tool: "copywriter.draft", Kind: busv1.TaskKind_TASK_KIND_DRAFT, Mode: busv1.TaskMode_TASK_MODE_RUN, MaxAttempts: 3, Timeout: time.Second},
			{Key: "publish", Tool: "publisher.publish", Kind: busv1.TaskKind_TASK_KIND_EFFECT, Mode: busv1.TaskMode_TASK_MODE_PROPOSE, MaxAttempts: 3, Timeout: time.Second, AccountID: t.Account, Platform: "bluesky", DependsOn: []string{"draft"}},
		})
		if err != nil {
			return err
		}
		task := store.Task{CampaignID: t.Campaign, AgentID: t.Agent, PlanVersion: 1, PersonaVersion: 1, SpecDigest: sum, MaxAttempts: 3, TimeoutMS: 1000, NotBefore: tx.Now(), Arguments: []byte("{}"), ToolDigest: sum}
		draft, publish := task, task
		draft.ID, draft.Node, draft.Kind, draft.Mode, draft.Tool, draft.State = t.Draft, "draft", "draft", "run", "copywriter.draft", "succeeded"
		publish.ID, publish.Node, publish.Kind, publish.Mode, publish.Tool, publish.State, publish.AccountID = t.Publish, "publish", "effect", "propose", "publisher.publish", "awaiting_review", &t.Account
		account := t.Account
		return first(
			func() error {
				tx.PlanWrite(store.Plan{CampaignID: t.Campaign, Version: 1, Cause: "the goal", PersonaVersion: 1, Nodes: nodes, Added: []string{"draft", "publish"}, Removed: []string{}}, nil, t.CampaignVersion, "paused")
				return nil
			},
			func() error { return tx.TaskInsert(ctx, draft, nil) },
			func() error { return tx.TaskInsert(ctx, publish, []string{t.Draft}) },
			func() error { _, err := tx.ResultInsert(ctx, t.Result, t.Publish, 1, 1, b.result(*t)); return err },
			func() error {
				_, err := tx.DecisionInsert(ctx, store.Decision{ID: NewID(), TaskID: t.Publish, ResultID: t.Result, Verdict: "requires_human_review", Decider: "judge", DecidedBy: "judge", Body: b.decision(*t)})
				return err
			},
			func() error {
				return tx.ReviewInsert(ctx, store.Review{
					ID: t.Review, TaskID: t.Publish, ResultID: t.Result, CampaignID: t.Campaign, AgentID: t.Agent, AccountID: &account, Platform: "bluesky", Risk: 2,
					Reason: "an effect needs a person", Payload: payload, PayloadSHA256: sum, Excerpt: "same text", Confidence: 0.5, Deadline: tx.Now().Add(time.Hour),
				})
			},
			func() error {
				return tx.EffectInsert(ctx, store.Effect{ID: t.Effect, TaskID: t.Publish, CampaignID: t.Campaign, AccountID: t.Account, Tool: "publisher.publish", PayloadSHA256: sum, PlatformKey: "3lsamekey2222", ApprovedBy: "reviewer"})
			},
			func() error {
				return tx.GrantInsert(ctx, store.Grant{ID: t.Grant, EffectID: t.Effect, TaskID: t.Publish, PayloadSHA256: sum, NotBefore: tx.Now(), NotAfter: tx.Now().Add(time.Minute), Signed: []byte("x")})
			},
			func() error {
				return tx.PostInsert(ctx, store.Post{
					ID: t.Post, EffectID: t.Effect, TaskID: t.Publish, CampaignID: t.Campaign, AccountID: t.Account, Platform: "bluesky", RemoteID: "r", URI: "at://same", URL: "https://same.example/post",
					Text: "same text", Payload: payload, PayloadSHA256: sum, Method: "template/v1", ApprovedBy: "reviewer",
				})
			},
		)
	})
	t.CampaignVersion++
}

// Write puts rows where no verb leads at once, in one transaction.
func (b *Bench) Write(t Tenant, fn func(ctx context.Context, tx *store.Tx) error) {
	b.T.Helper()
	require.NoError(b.T, b.Store.Write(b.T.Context(), t.Scope(), func(ctx context.Context, tx *store.Tx) ([]audit.Entry, error) {
		return nil, fn(ctx, tx)
	}))
}

func (b *Bench) result(t Tenant) []byte {
	return b.encode(&busv1.Result{
		Id: t.Result, TenantId: string(t.ID), TaskId: t.Publish, Epoch: 1, Attempt: 1, Status: busv1.ResultStatus_RESULT_STATUS_SUCCESS,
		OutputJson: []byte(`{"payload":{"text":"same text"}}`), Confidence: &busv1.Confidence{Score: 0.5, Basis: "rules"}, Usage: &busv1.Usage{Duration: durationpb.New(time.Second)},
		Provenance: &busv1.Provenance{Method: "template/v1", Sources: []*busv1.Source{{Url: "https://trend.example", Title: "A trend", Tainted: true}}}, WorkerId: "worker-1", FinishedAt: timestamppb.Now(),
	})
}

func (b *Bench) decision(t Tenant) []byte {
	return b.encode(&busv1.ReviewDecision{
		Id: NewID(), TenantId: string(t.ID), TaskId: t.Publish, ResultId: t.Result, TaskStateVersion: 1, Verdict: busv1.Verdict_VERDICT_REQUIRES_HUMAN_REVIEW,
		Checks: []*busv1.Check{{Name: "confidence", Passed: false, Escalates: true}}, Rationale: "confidence is below the threshold", Decider: busv1.DeciderKind_DECIDER_KIND_JUDGE, DecidedBy: "judge", DecidedAt: timestamppb.Now(),
	})
}

func (b *Bench) encode(m proto.Message) []byte {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	require.NoError(b.T, err)
	return raw
}

func first(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
