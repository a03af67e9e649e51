// Package skillkittest runs a skill as it runs in the field — MCP over HTTP, against an orchestrator — with
// the orchestrator played by Control, which keeps its promises strictly: a grant is consumed once, for the
// bytes, tool, task and window it was signed for.
package skillkittest

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
	"google.golang.org/protobuf/types/known/timestamppb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/gen/go/chimera/control/v1/internalv1connect"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
)

// Control is an orchestrator's SkillService over HTTP. Its methods may be called concurrently.
type Control struct {
	URL string
	// Signer signs grants; PublicKey is what a skill verifies with.
	Signer    *grant.Signer
	PublicKey string

	mu          sync.Mutex
	credentials map[string]*internalv1.Credential
	consumed    map[string]bool
	redemptions []*internalv1.RedeemGrantRequest
	violations  []*internalv1.ReportViolationRequest
	redeemError error
	callTimeout time.Duration
}

// NewControl starts an orchestrator that ends with the test.
func NewControl(t testing.TB) *Control {
	t.Helper()
	seed := make([]byte, 32)
	_, err := rand.Read(seed)
	require.NoError(t, err)
	signer, err := grant.NewSigner(seed)
	require.NoError(t, err)
	c := &Control{
		Signer: signer, PublicKey: base64.StdEncoding.EncodeToString(signer.Public()),
		credentials: map[string]*internalv1.Credential{}, consumed: map[string]bool{}, callTimeout: 10 * time.Second,
	}
	mux := http.NewServeMux()
	mux.Handle(internalv1connect.NewSkillServiceHandler(c))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	c.URL = srv.URL
	return c
}

// AddAccount makes a credential known and returns the account's id, a new one if cred has none.
func (c *Control) AddAccount(cred *internalv1.Credential) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cred.GetAccountId() == "" {
		cred.AccountId = uuid.NewString()
	}
	c.credentials[cred.GetAccountId()] = cred
	return cred.GetAccountId()
}

// RefuseRedeem makes every redemption fail with err until it is called with nil.
func (c *Control) RefuseRedeem(err error) { c.mu.Lock(); defer c.mu.Unlock(); c.redeemError = err }

// CallTimeout sets how long after redemption an effect's call may last; 10 s at first.
func (c *Control) CallTimeout(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.callTimeout = d }

// Violations returns the violations reported so far.
func (c *Control) Violations() []*internalv1.ReportViolationRequest {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*internalv1.ReportViolationRequest(nil), c.violations...)
}

// Redemptions returns the redemptions that succeeded.
func (c *Control) Redemptions() []*internalv1.RedeemGrantRequest {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*internalv1.RedeemGrantRequest(nil), c.redemptions...)
}

// RedeemGrant consumes a grant once.
func (c *Control) RedeemGrant(_ context.Context, req *internalv1.RedeemGrantRequest) (*internalv1.RedeemGrantResponse, error) {
	if err := protovalidate.Validate(req); err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	verifier := grant.NewVerifier(c.Signer.Public())
	g, err := verifier.Open(req.GetGrant())
	if err != nil {
		return nil, refusal(connect.CodePermissionDenied, err)
	}
	use := grant.Use{TenantID: req.GetTenantId(), TaskID: req.GetTaskId(), AccountID: g.GetAccountId(), Tool: g.GetTool(), ToolDigest: req.GetToolDigest(), PayloadSHA256: req.GetPayloadSha256()}
	if _, err := verifier.Verify(req.GetGrant(), use, time.Now()); err != nil {
		return nil, refusal(connect.CodePermissionDenied, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.redeemError != nil {
		return nil, c.redeemError
	}
	cred, known := c.credentials[g.GetAccountId()]
	if !known {
		return nil, refusal(connect.CodeNotFound, errs.New(errs.NotFound, typev1.Reason_REASON_NOT_FOUND, "no such account"))
	}
	if c.consumed[g.GetId()] {
		return nil, refusal(connect.CodePermissionDenied, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_CONSUMED, "the grant was used before"))
	}
	c.consumed[g.GetId()] = true
	c.redemptions = append(c.redemptions, req)
	return &internalv1.RedeemGrantResponse{
		Credential: proto.CloneOf(cred), PlatformKey: g.GetPlatformKey(), CallDeadline: timestamppb.New(time.Now().Add(c.callTimeout)),
	}, nil
}

// GetCredential answers with the whole credential, as for a task that reads.
func (c *Control) GetCredential(_ context.Context, req *internalv1.GetCredentialRequest) (*internalv1.GetCredentialResponse, error) {
	if err := protovalidate.Validate(req); err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	cred, known := c.credentials[req.GetAccountId()]
	if !known {
		return nil, refusal(connect.CodeNotFound, errs.New(errs.NotFound, typev1.Reason_REASON_NOT_FOUND, "no such account"))
	}
	return &internalv1.GetCredentialResponse{Credential: proto.CloneOf(cred)}, nil
}

// ReportViolation records a violation.
func (c *Control) ReportViolation(_ context.Context, req *internalv1.ReportViolationRequest) (*internalv1.ReportViolationResponse, error) {
	if err := protovalidate.Validate(req); err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.violations = append(c.violations, req)
	return &internalv1.ReportViolationResponse{}, nil
}

func refusal(code connect.Code, err error) error {
	ce := connect.NewError(code, errs.As(err))
	if d, derr := connect.NewErrorDetail(errs.Info(err, "")); derr == nil {
		ce.AddDetail(d)
	}
	return ce
}

// Sign signs a grant for exactly these arguments, valid for the next minute; change may alter it first.
func (c *Control) Sign(t testing.TB, call Call, tool, digest string, args []byte, change ...func(*busv1.Grant)) *busv1.SignedGrant {
	t.Helper()
	sum, err := grant.PayloadSHA256(args)
	require.NoError(t, err)
	g := &busv1.Grant{
		Id: uuid.NewString(), TenantId: call.TenantID, TaskId: call.TaskID, EffectId: uuid.NewString(), AccountId: call.AccountID,
		Tool: tool, ToolDigest: digest, PayloadSha256: sum, PlatformKey: "3l3qo2vutsw2b", PolicyVersion: 1, Approver: "reviewer",
		NotBefore: timestamppb.New(time.Now().Add(-time.Second)), NotAfter: timestamppb.New(time.Now().Add(time.Minute)),
	}
	for _, f := range change {
		f(g)
	}
	sg, err := c.Signer.Sign(g)
	require.NoError(t, err)
	return sg
}
