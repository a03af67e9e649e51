// Package control is how services reach the orchestrator's inner API and each other: the process's own
// identity by client credentials, a bounded HTTP client, and errors turned back into kinds.
package control

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"connectrpc.com/connect"
	"connectrpc.com/otelconnect"
	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"chimera/gen/go/chimera/control/v1/internalv1connect"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// maxAnswer bounds what is read of one answer: Connect itself reads without limit.
const maxAnswer = 4 << 20

// Identity is a service's own OIDC client. Without an issuer it is anonymous, for tests and stdio.
type Identity struct {
	Issuer, ClientID, Secret string
}

// HTTPClient sends requests with the identity's bearer token, fetched when first needed and kept until
// shortly before it expires. idle is how many connections per host are kept open.
func (id Identity) HTTPClient(idle int) *http.Client {
	base := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		MaxIdleConns:          idle * 8,
		MaxIdleConnsPerHost:   idle,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 0, // calls bear their own deadline; a long tool call is no stuck server
	}
	client := &http.Client{Transport: base, CheckRedirect: func(*http.Request, []*http.Request) error {
		// A redirect would carry the token to an address nobody configured.
		return http.ErrUseLastResponse
	}}
	if id.Issuer != "" {
		client.Transport = &oauth2.Transport{Source: &tokens{id: id}, Base: base}
	}
	return client
}

// tokens discovers the issuer at first use, so that a process starts while the issuer is still away.
type tokens struct {
	id     Identity
	mu     sync.Mutex
	source oauth2.TokenSource
}

func (t *tokens) Token() (*oauth2.Token, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source == nil {
		client := &http.Client{Timeout: 10 * time.Second}
		ctx := context.WithValue(context.Background(), oauth2.HTTPClient, client)
		provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), t.id.Issuer)
		if err != nil {
			return nil, errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the identity provider is away; try again")
		}
		cfg := clientcredentials.Config{ClientID: t.id.ClientID, ClientSecret: t.id.Secret, TokenURL: provider.Endpoint().TokenURL, AuthStyle: oauth2.AuthStyleInHeader}
		t.source = cfg.TokenSource(ctx)
	}
	return t.source.Token()
}

// Skill is a client of the orchestrator for skills.
func Skill(h *http.Client, url string) (internalv1connect.SkillServiceClient, error) {
	opts, err := options()
	if err != nil {
		return nil, err
	}
	return internalv1connect.NewSkillServiceClient(h, url, opts...), nil
}

// Worker is a client of the orchestrator for workers.
func Worker(h *http.Client, url string) (internalv1connect.WorkerServiceClient, error) {
	opts, err := options()
	if err != nil {
		return nil, err
	}
	return internalv1connect.NewWorkerServiceClient(h, url, opts...), nil
}

func options() ([]connect.ClientOption, error) {
	trace, err := otelconnect.NewInterceptor(otelconnect.WithTrustRemote(), otelconnect.WithoutMetrics())
	if err != nil {
		return nil, err
	}
	return []connect.ClientOption{connect.WithReadMaxBytes(maxAnswer), connect.WithInterceptors(trace)}, nil
}

var kinds = map[connect.Code]errs.Kind{
	connect.CodeCanceled: errs.Cancelled, connect.CodeInvalidArgument: errs.Invalid, connect.CodeDeadlineExceeded: errs.Timeout,
	connect.CodeNotFound: errs.NotFound, connect.CodeAlreadyExists: errs.Conflict, connect.CodePermissionDenied: errs.Denied,
	connect.CodeResourceExhausted: errs.Throttled, connect.CodeFailedPrecondition: errs.Conflict, connect.CodeAborted: errs.Conflict,
	connect.CodeOutOfRange: errs.Invalid, connect.CodeUnavailable: errs.Unavailable, connect.CodeUnauthenticated: errs.Unauthenticated,
}

// Error turns a Connect error back into ours: the kind from the code, the reason from its ErrorInfo. An
// answer without one (a proxy, a dead peer) keeps its kind and a reason that fits it.
func Error(err error) error {
	if err == nil {
		return nil
	}
	var ce *connect.Error
	if !errors.As(err, &ce) {
		return errs.As(err)
	}
	kind := kinds[ce.Code()]
	for _, d := range ce.Details() {
		if v, verr := d.Value(); verr == nil {
			if info, ok := v.(*typev1.ErrorInfo); ok {
				e := errs.FromInfo(info, kind)
				e.Err = err
				return e
			}
		}
	}
	switch kind {
	case errs.Unavailable:
		return errs.Wrap(err, kind, typev1.Reason_REASON_UNAVAILABLE, "the orchestrator is away; try again")
	case errs.Timeout:
		return errs.Wrap(err, kind, typev1.Reason_REASON_TIMEOUT, "the orchestrator took too long; try again")
	case errs.Denied:
		return errs.Wrap(err, kind, typev1.Reason_REASON_PERMISSION_DENIED, "the orchestrator refused")
	case errs.Unauthenticated:
		return errs.Wrap(err, kind, typev1.Reason_REASON_UNAUTHENTICATED, "the orchestrator does not know this service")
	}
	return errs.Wrap(err, kind, typev1.Reason_REASON_INTERNAL, "the orchestrator could not answer")
}
