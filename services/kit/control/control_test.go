package control_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/gen/go/chimera/control/v1/internalv1connect"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/control"
	"chimera/services/kit/errs"
)

type refusing struct {
	internalv1connect.UnimplementedWorkerServiceHandler
}

func (refusing) RegisterTools(context.Context, *internalv1.RegisterToolsRequest) (*internalv1.RegisterToolsResponse, error) {
	ce := connect.NewError(connect.CodeResourceExhausted, errs.New(errs.Throttled, typev1.Reason_REASON_QUEUE_FULL, "full"))
	if d, err := connect.NewErrorDetail(errs.Info(errs.New(errs.Throttled, typev1.Reason_REASON_QUEUE_FULL, "full").After(4*time.Second), "req-9")); err == nil {
		ce.AddDetail(d)
	}
	return nil, ce
}

func TestErrorsComeBackTyped(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle(internalv1connect.NewWorkerServiceHandler(refusing{}))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	worker, err := control.Worker(control.Identity{}.HTTPClient(1), srv.URL)
	require.NoError(t, err)
	_, err = worker.RegisterTools(t.Context(), &internalv1.RegisterToolsRequest{})
	e := errs.As(control.Error(err))
	require.Equal(t, errs.Throttled, e.Kind)
	require.Equal(t, typev1.Reason_REASON_QUEUE_FULL, e.Reason)
	require.Equal(t, 4*time.Second, e.RetryAfter)

	srv.Close()
	_, err = worker.RegisterTools(t.Context(), &internalv1.RegisterToolsRequest{})
	require.Equal(t, errs.Unavailable, errs.KindOf(control.Error(err)), "a dead peer is away, not broken")
	require.NoError(t, control.Error(nil))
}

func TestTokenIsFetchedOnceAndSent(t *testing.T) {
	var tokens atomic.Int32
	var issuer *httptest.Server
	issuer = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/token" {
			id, secret, _ := r.BasicAuth()
			if id != "me" || secret != "mine" || r.FormValue("grant_type") != "client_credentials" {
				http.Error(w, "no", http.StatusUnauthorized)
				return
			}
			tokens.Add(1)
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "the-token", "token_type": "Bearer", "expires_in": 600})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": issuer.URL, "token_endpoint": issuer.URL + "/token", "jwks_uri": issuer.URL, "authorization_endpoint": issuer.URL})
	}))
	t.Cleanup(issuer.Close)
	var seen atomic.Value
	peer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen.Store(r.Header.Get("Authorization")) }))
	t.Cleanup(peer.Close)
	client := control.Identity{Issuer: issuer.URL, ClientID: "me", Secret: "mine"}.HTTPClient(1)
	for range 3 {
		res, err := client.Get(peer.URL)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
	}
	require.Equal(t, "Bearer the-token", seen.Load())
	require.EqualValues(t, 1, tokens.Load())

	issuer.Close()
	res, err := control.Identity{Issuer: issuer.URL, ClientID: "me"}.HTTPClient(1).Get(peer.URL)
	if err == nil {
		require.NoError(t, res.Body.Close())
	}
	require.Error(t, err, "no token, no request")
}
