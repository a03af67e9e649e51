package smoke

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"connectrpc.com/connect"

	"chimera/gen/go/chimera/platform/v1/platformv1connect"
	"chimera/infra/local/login"
)

const (
	// patience is how long one call is repeated while a process is away and being started again.
	patience = 60 * time.Second
	callTime = 10 * time.Second
)

// session is one person logged in: generated clients of the public API, nothing else.
type session struct {
	username  string
	accounts  platformv1connect.AccountServiceClient
	agents    platformv1connect.AgentServiceClient
	audit     platformv1connect.AuditServiceClient
	campaigns platformv1connect.CampaignServiceClient
	plans     platformv1connect.PlanServiceClient
	posts     platformv1connect.PostServiceClient
	reviews   platformv1connect.ReviewServiceClient
	sessions  platformv1connect.SessionServiceClient
}

// identity gets tokens as a person would, by code and PKCE, and a new one when the old one is refused.
type identity struct {
	issuer, client, username, password, tenant string

	mu    sync.Mutex
	token string
	until time.Time
}

func (i *identity) bearer(ctx context.Context, fresh bool) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !fresh && i.token != "" && time.Now().Add(30*time.Second).Before(i.until) {
		return i.token, nil
	}
	token, until, err := login.Password(ctx, i.issuer, i.client, i.username, i.password)
	if errors.Is(err, login.ErrRejected) {
		return "", connect.NewError(connect.CodePermissionDenied, fmt.Errorf("%s: %w", i.username, err))
	}
	if err != nil {
		return "", connect.NewError(connect.CodeUnavailable, fmt.Errorf("%s: %w", i.username, err))
	}
	i.token, i.until = token, until
	return token, nil
}

// authorise adds the token and the tenant to every call, and repeats a call that reached nobody or broke off.
// Repeating is safe: every write here names the version it read or an idempotency key.
func (i *identity) authorise(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		fresh := false
		for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
			response, err := i.once(ctx, next, req, fresh)
			again := err != nil && worthRepeating(err)
			if connect.CodeOf(err) == connect.CodeUnauthenticated && !fresh {
				fresh, again = true, true
			}
			if !again {
				return response, err
			}
			select {
			case <-ctx.Done():
				return nil, err
			case <-time.After(wait):
			}
		}
	}
}

func (i *identity) once(ctx context.Context, next connect.UnaryFunc, req connect.AnyRequest, fresh bool) (connect.AnyResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	token, err := i.bearer(ctx, fresh)
	if err != nil {
		return nil, err
	}
	req.Header().Set("Authorization", "Bearer "+token)
	req.Header().Set("Chimera-Tenant", i.tenant)
	return next(ctx, req)
}

func worthRepeating(err error) bool {
	switch connect.CodeOf(err) {
	case connect.CodeUnavailable, connect.CodeDeadlineExceeded, connect.CodeResourceExhausted:
		return true
	case connect.CodeUnknown, connect.CodeInternal:
		// What a connection that broke off in the middle of an answer looks like.
		return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || !connect.IsWireError(err)
	}
	return false
}

func (r *run) login(username string) *session {
	id := &identity{issuer: r.State.Issuer, client: r.State.ClientID, username: username, password: r.Password(username), tenant: r.Tenant}
	options := connect.WithInterceptors(connect.UnaryInterceptorFunc(id.authorise))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute}}
	url := r.State.API
	return &session{
		username:  username,
		accounts:  platformv1connect.NewAccountServiceClient(client, url, options),
		agents:    platformv1connect.NewAgentServiceClient(client, url, options),
		audit:     platformv1connect.NewAuditServiceClient(client, url, options),
		campaigns: platformv1connect.NewCampaignServiceClient(client, url, options),
		plans:     platformv1connect.NewPlanServiceClient(client, url, options),
		posts:     platformv1connect.NewPostServiceClient(client, url, options),
		reviews:   platformv1connect.NewReviewServiceClient(client, url, options),
		sessions:  platformv1connect.NewSessionServiceClient(client, url, options),
	}
}
