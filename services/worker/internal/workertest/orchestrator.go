package workertest

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/gen/go/chimera/control/v1/internalv1connect"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
)

// Lease is what the orchestrator grants: short, so that losing one is quick to see.
const Lease = 1500 * time.Millisecond

// Orchestrator serves WorkerService and SkillService. Every claim raises the epoch; nothing that names an
// older one is believed.
type Orchestrator struct {
	URL       string
	PublicKey string
	signer    *grant.Signer

	mu         sync.Mutex
	rows       map[string]*row
	tools      map[string]*internalv1.ToolDescriptor
	consumed   map[string]bool
	accepted   []*busv1.Result
	stale      []*busv1.Result
	claimCalls int
	beats      int
	deaf       bool
	unread     bool
	silent     bool
	recall     *internalv1.RecallResponse
}

type row struct {
	task    *busv1.Task
	epoch   int64
	attempt int32
	running bool
	lease   time.Time
	stopped typev1.Reason
	ended   bool
}

// NewOrchestrator starts one that ends with the test.
func NewOrchestrator(t testing.TB) *Orchestrator {
	t.Helper()
	seed := make([]byte, 32)
	_, err := rand.Read(seed)
	require.NoError(t, err)
	signer, err := grant.NewSigner(seed)
	require.NoError(t, err)
	o := &Orchestrator{
		signer: signer, PublicKey: base64.StdEncoding.EncodeToString(signer.Public()), rows: map[string]*row{},
		tools: map[string]*internalv1.ToolDescriptor{}, consumed: map[string]bool{},
	}
	mux := http.NewServeMux()
	mux.Handle(internalv1connect.NewWorkerServiceHandler(o))
	mux.Handle(internalv1connect.NewSkillServiceHandler(o))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	o.URL = srv.URL
	return o
}

// Task makes a row that is ready and returns its message. change may alter the message first.
func (o *Orchestrator) Task(t testing.TB, tool, digest, args string, change ...func(*busv1.Task)) *busv1.Task {
	t.Helper()
	task := &busv1.Task{
		Id: uuid.NewString(), TenantId: uuid.NewString(),
		Context: &busv1.TaskContext{CampaignId: uuid.NewString(), AgentId: uuid.NewString(), PersonaVersion: 1, PlanVersion: 1, Node: "n", RequestId: "req-1"},
		Spec: &busv1.TaskSpec{
			Kind: busv1.TaskKind_TASK_KIND_READ, Mode: busv1.TaskMode_TASK_MODE_RUN, Tool: tool, ToolDigest: digest, ArgumentsJson: []byte(args),
		},
		Resources: &busv1.TaskResources{Timeout: durationpb.New(10 * time.Second), MaxAttempts: 3},
	}
	for _, f := range change {
		f(task)
	}
	sum, err := grant.SpecDigest(task.GetSpec())
	require.NoError(t, err)
	task.Version = &busv1.TaskVersion{StateVersion: 1, SpecDigest: sum}
	require.NoError(t, protovalidate.Validate(task))
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows[task.GetId()] = &row{task: task}
	return proto.CloneOf(task)
}

// Effect makes the task an execution under a signed grant.
func (o *Orchestrator) Effect(t testing.TB) func(*busv1.Task) {
	return func(task *busv1.Task) {
		task.Spec.Kind, task.Spec.Mode, task.Spec.AccountId = busv1.TaskKind_TASK_KIND_EFFECT, busv1.TaskMode_TASK_MODE_EXECUTE, uuid.NewString()
		sum, err := grant.PayloadSHA256(task.GetSpec().GetArgumentsJson())
		require.NoError(t, err)
		task.Grant, err = o.signer.Sign(&busv1.Grant{
			Id: uuid.NewString(), TenantId: task.GetTenantId(), TaskId: task.GetId(), EffectId: uuid.NewString(), AccountId: task.GetSpec().GetAccountId(),
			Tool: task.GetSpec().GetTool(), ToolDigest: task.GetSpec().GetToolDigest(), PayloadSha256: sum, PlatformKey: "3l3qo2vutsw2b", Approver: "reviewer",
			NotBefore: timestamppb.New(time.Now().Add(-time.Second)), NotAfter: timestamppb.New(time.Now().Add(time.Minute)),
		})
		require.NoError(t, err)
	}
}

// Deliver is the bus's other end: it takes a result as the Judge would.
func (o *Orchestrator) Deliver(ctx context.Context, r *busv1.Result) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := protovalidate.Validate(r); err != nil {
		return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, err.Error())
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.deaf {
		return errs.New(errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the bus is away")
	}
	if o.unread {
		return nil
	}
	w := o.rows[r.GetTaskId()]
	if w == nil || !w.running || w.epoch != r.GetEpoch() {
		o.stale = append(o.stale, r)
		return nil
	}
	w.running = false
	o.accepted = append(o.accepted, r)
	return nil
}

// ClaimTasks fences by epoch, digest and lease.
func (o *Orchestrator) ClaimTasks(_ context.Context, req *internalv1.ClaimTasksRequest) (*internalv1.ClaimTasksResponse, error) {
	if err := protovalidate.Validate(req); err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.claimCalls++
	if o.silent {
		return nil, connect.NewError(connect.CodeUnavailable, errs.New(errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "down"))
	}
	res := &internalv1.ClaimTasksResponse{}
	for _, i := range req.GetItems() {
		out := &internalv1.ClaimOutcome{TaskId: i.GetTaskId()}
		w := o.rows[i.GetTaskId()]
		switch {
		case w == nil || w.task.GetTenantId() != i.GetTenantId():
			out.Reason = typev1.Reason_REASON_NOT_CLAIMABLE
		case w.running && time.Now().Before(w.lease):
			out.Reason = typev1.Reason_REASON_CLAIMED_BY_OTHER
		case w.epoch != i.GetEpoch():
			out.Reason = typev1.Reason_REASON_STALE_EPOCH
		case w.task.GetVersion().GetSpecDigest() != i.GetSpecDigest():
			out.Reason = typev1.Reason_REASON_DIGEST_MISMATCH
		default:
			w.epoch++
			w.attempt++
			w.running, w.lease = true, time.Now().Add(Lease)
			out.Granted, out.Epoch, out.Attempt, out.LeaseUntil = true, w.epoch, w.attempt, timestamppb.New(w.lease)
		}
		res.Outcomes = append(res.Outcomes, out)
	}
	return res, nil
}

// Heartbeat keeps what is running under the epoch named and not stopped.
func (o *Orchestrator) Heartbeat(_ context.Context, req *internalv1.HeartbeatRequest) (*internalv1.HeartbeatResponse, error) {
	if err := protovalidate.Validate(req); err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.silent {
		return nil, connect.NewError(connect.CodeUnavailable, errs.New(errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "down"))
	}
	o.beats++
	res := &internalv1.HeartbeatResponse{}
	for _, i := range req.GetItems() {
		out := &internalv1.HeartbeatOutcome{TaskId: i.GetTaskId()}
		w := o.rows[i.GetTaskId()]
		switch {
		case w == nil || w.epoch != i.GetEpoch() || !w.running:
			out.Reason = typev1.Reason_REASON_STALE_EPOCH
		case w.stopped != 0:
			out.Reason, w.ended = w.stopped, i.GetCallEnded()
		default:
			w.lease = time.Now().Add(Lease)
			out.Keep, out.LeaseUntil = true, timestamppb.New(w.lease)
		}
		res.Outcomes = append(res.Outcomes, out)
	}
	return res, nil
}

// RegisterTools remembers the tools.
func (o *Orchestrator) RegisterTools(_ context.Context, req *internalv1.RegisterToolsRequest) (*internalv1.RegisterToolsResponse, error) {
	if err := protovalidate.Validate(req); err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, t := range req.GetTools() {
		o.tools[t.GetTool()] = t
	}
	return &internalv1.RegisterToolsResponse{}, nil
}

// Recall answers with what the test set.
func (o *Orchestrator) Recall(_ context.Context, req *internalv1.RecallRequest) (*internalv1.RecallResponse, error) {
	if err := protovalidate.Validate(req); err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if w := o.rows[req.GetTaskId()]; w == nil || !w.running || w.epoch != req.GetEpoch() || w.task.GetTenantId() != req.GetTenantId() {
		return nil, connect.NewError(connect.CodeNotFound, errs.New(errs.NotFound, typev1.Reason_REASON_NOT_FOUND, "no such task is running"))
	}
	return proto.CloneOf(o.recall), nil
}

// RedeemGrant consumes a grant of a task that is running under the epoch named.
func (o *Orchestrator) RedeemGrant(_ context.Context, req *internalv1.RedeemGrantRequest) (*internalv1.RedeemGrantResponse, error) {
	v := grant.NewVerifier(o.signer.Public())
	g, err := v.Open(req.GetGrant())
	if err != nil {
		return nil, connect.NewError(connect.CodePermissionDenied, err)
	}
	if _, err := v.Verify(req.GetGrant(), grant.Use{TenantID: req.GetTenantId(), TaskID: req.GetTaskId(), AccountID: g.GetAccountId(), Tool: g.GetTool(), ToolDigest: req.GetToolDigest(), PayloadSHA256: req.GetPayloadSha256()}, time.Now()); err != nil {
		return nil, connect.NewError(connect.CodePermissionDenied, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.rows[req.GetTaskId()]
	if w == nil || !w.running || w.epoch != req.GetEpoch() || w.stopped != 0 || o.consumed[g.GetId()] {
		return nil, connect.NewError(connect.CodePermissionDenied, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_CONSUMED, "not now, or used"))
	}
	o.consumed[g.GetId()] = true
	return &internalv1.RedeemGrantResponse{
		Credential: &internalv1.Credential{AccountId: g.GetAccountId(), Platform: "fixture", Secret: "fixture-secret"}, PlatformKey: g.GetPlatformKey(),
		CallDeadline: timestamppb.New(time.Now().Add(5 * time.Second)),
	}, nil
}

// GetCredential knows no accounts.
func (o *Orchestrator) GetCredential(context.Context, *internalv1.GetCredentialRequest) (*internalv1.GetCredentialResponse, error) {
	return nil, connect.NewError(connect.CodeNotFound, errs.New(errs.NotFound, typev1.Reason_REASON_NOT_FOUND, "no such account"))
}

// ReportViolation is not counted here.
func (o *Orchestrator) ReportViolation(context.Context, *internalv1.ReportViolationRequest) (*internalv1.ReportViolationResponse, error) {
	return &internalv1.ReportViolationResponse{}, nil
}
