package world

import (
	"context"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"chimera/gen/go/chimera/platform/v1/platformv1connect"
	"chimera/infra/local/login"
)

type person struct{ name, tenant, role string }

// people of both tenants; the sub is "sub-" + name.
var people = []person{
	{"olga", "aurora", "operator"},
	{"rafael", "aurora", "reviewer"},
	{"ruth", "aurora", "reviewer"},
	{"vera", "aurora", "viewer"},
	{"ada", "aurora", "admin"},
	{"boris", "borealis", "admin"},
}

func (w *World) seed() map[string]any {
	var tenants []map[string]any
	for _, slug := range []string{"aurora", "borealis"} {
		w.Tenants[slug] = uuid.Must(uuid.NewV7()).String()
		var members []map[string]string
		for _, p := range people {
			if p.tenant == slug {
				members = append(members, map[string]string{"subject": "sub-" + p.name, "email": p.name + "@example.test", "role": p.role})
			}
		}
		tenants = append(tenants, map[string]any{"id": w.Tenants[slug], "slug": slug, "name": slug, "members": members})
	}
	for i := range w.setup.Tenants {
		slug := Tenant(i)
		w.Tenants[slug] = uuid.Must(uuid.NewV7()).String()
		tenants = append(tenants, map[string]any{"id": w.Tenants[slug], "slug": slug, "name": slug, "members": crew})
	}
	return map[string]any{"tenants": tenants}
}

// logIn logs everybody in as they would, once.
func (w *World) logIn(t testing.TB) {
	t.Helper()
	for _, p := range w.people() {
		require.NoError(t, w.LogIn(t.Context(), p.name))
	}
	token, _, err := login.ClientCredentials(t.Context(), w.OIDC.URL, workerClient, w.secrets.all["client secret of worker"])
	require.NoError(t, err)
	w.tokens[workerClient] = token
}

// Client speaks the public API as one person.
type Client struct {
	platformv1connect.AccountServiceClient
	platformv1connect.AgentServiceClient
	platformv1connect.AuditServiceClient
	platformv1connect.CampaignServiceClient
	platformv1connect.DeadLetterServiceClient
	platformv1connect.PlanServiceClient
	platformv1connect.PostServiceClient
	platformv1connect.ReviewServiceClient
	platformv1connect.StopServiceClient
	platformv1connect.ToolServiceClient
	platformv1connect.SystemServiceClient
}

// LogIn gets a person a new access token; the provider's last 15 minutes.
func (w *World) LogIn(ctx context.Context, name string) error {
	token, _, err := login.Password(ctx, w.OIDC.URL, cliClient, name, w.secrets.all["password of "+name])
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tokens[name] = token
	return nil
}

// As is the API as a person sees it, through the one address before both replicas.
func (w *World) As(name string) Client { return w.WithToken(w.Token(name)) }

// Token is a person's access token, or the worker's.
func (w *World) Token(name string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tokens[name]
}

// PublicURL is the address of the people's API; InternalURL that of the workers' and skills'.
func (w *World) PublicURL() string   { return w.public.URL() }
func (w *World) InternalURL() string { return w.internal.URL() }

// WithToken is the API with any token.
func (w *World) WithToken(token string) Client {
	h, url := &http.Client{Transport: bearer(token), Timeout: 20 * time.Second}, w.public.URL()
	return Client{
		platformv1connect.NewAccountServiceClient(h, url), platformv1connect.NewAgentServiceClient(h, url), platformv1connect.NewAuditServiceClient(h, url),
		platformv1connect.NewCampaignServiceClient(h, url), platformv1connect.NewDeadLetterServiceClient(h, url), platformv1connect.NewPlanServiceClient(h, url),
		platformv1connect.NewPostServiceClient(h, url), platformv1connect.NewReviewServiceClient(h, url), platformv1connect.NewStopServiceClient(h, url),
		platformv1connect.NewToolServiceClient(h, url), platformv1connect.NewSystemServiceClient(h, url),
	}
}

type bearer string

type headersKey struct{}

// WithHeader adds a header to calls made with the context.
func WithHeader(ctx context.Context, name, value string) context.Context {
	h, _ := ctx.Value(headersKey{}).(http.Header)
	h = h.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set(name, value)
	return context.WithValue(ctx, headersKey{}, h)
}

// RoundTrip sends one request on a connection of its own: a replica that was killed leaves no dead connections.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	if h, ok := r.Context().Value(headersKey{}).(http.Header); ok {
		maps.Copy(r.Header, h)
	}
	r.Close = true
	return http.DefaultTransport.RoundTrip(r)
}

// Skill is the address where a skill speaks MCP.
func (w *World) Skill(name string) string { return "http://" + w.ports[name] + "/mcp" }
