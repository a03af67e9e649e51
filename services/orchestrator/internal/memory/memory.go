// Package memory is the tenant's semantic memory in Weaviate (R9.3): what was posted, learned and worked.
// Never transactional truth: it may be empty, late or away, and then a plan goes on without it and says so.
//
// This cut recalls by keywords (BM25). There is no embedder yet, objects are stored without vectors, and
// "similar" means "shares words"; vectors come with their own issue and a collection of their own.
package memory

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/sony/gobreaker"
	"github.com/weaviate/weaviate-go-client/v4/weaviate"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
)

// Config says where Weaviate is. Without URL memory runs degraded.
type Config struct {
	URL    string        `env:"WEAVIATE_URL"`
	APIKey secret.String `env:"WEAVIATE_API_KEY"`
	// DialTimeout bounds what an absent store costs a call: the breaker opens at the first failure.
	DialTimeout time.Duration `env:"WEAVIATE_DIAL_TIMEOUT" envDefault:"45ms"`
	// CallTimeout bounds one operation on a store that is there but slow.
	CallTimeout time.Duration `env:"WEAVIATE_CALL_TIMEOUT" envDefault:"3s"`
	// RetryAfter is how long a store that failed is left alone before one call tries it again.
	RetryAfter time.Duration `env:"WEAVIATE_RETRY_AFTER" envDefault:"5s"`
}

// Memory is safe for concurrent use.
type Memory struct {
	client *weaviate.Client
	// unusable says why there is no client; empty if there is one.
	unusable    string
	callTimeout time.Duration
	breaker     *gobreaker.TwoStepCircuitBreaker
	log         *slog.Logger

	mu sync.Mutex
	// collection and tenants remember what is known to exist on the server, so that a call costs one round trip.
	collection bool
	tenants    map[tenancy.ID]struct{}
}

// Open never fails: a store that is missing, away or misconfigured leaves a Memory that is degraded and says why.
func Open(ctx context.Context, cfg Config, log *slog.Logger) *Memory {
	m := &Memory{callTimeout: cmp.Or(cfg.CallTimeout, 3*time.Second), log: log, tenants: map[tenancy.ID]struct{}{}}
	m.breaker = newBreaker(cmp.Or(cfg.RetryAfter, 5*time.Second), log)
	if cfg.URL == "" {
		m.unusable = "no Weaviate is configured (CHIMERA_WEAVIATE_URL)"
	} else if client, err := connect(cfg); err != nil {
		m.unusable = "CHIMERA_WEAVIATE_URL cannot be used: " + err.Error()
	} else {
		m.client = client
	}
	if ok, detail := m.Healthy(ctx); !ok {
		log.WarnContext(ctx, "memory is degraded", "detail", detail)
	}
	return m
}

func connect(cfg Config) (*weaviate.Client, error) {
	at, err := url.Parse(cfg.URL)
	if err != nil || at.Host == "" || (at.Scheme != "http" && at.Scheme != "https") {
		// The parser's own text may quote credentials in the address.
		return nil, errors.New("want http://host:port or https://host:port")
	}
	config := weaviate.Config{Scheme: at.Scheme, Host: at.Host, ConnectionClient: httpClient(cfg), Headers: map[string]string{}}
	if !cfg.APIKey.Empty() {
		// As a header: with an AuthConfig the library would bring its own HTTP client, without our bounds.
		config.Headers["Authorization"] = "Bearer " + cfg.APIKey.Reveal()
	}
	return weaviate.NewClient(config)
}

// Healthy reports whether memory would be used just now, and if not why. It goes through the breaker, so that
// it says what a recall would meet.
func (m *Memory) Healthy(ctx context.Context) (ok bool, detail string) {
	err := m.call(ctx, func(ctx context.Context) error {
		ready, err := m.client.Misc().ReadyChecker().Do(ctx)
		if err == nil && !ready {
			err = errNotReady
		}
		return err
	})
	if err != nil {
		return false, degraded(err)
	}
	return true, "Weaviate answers; recall is by keywords"
}

// checkScope refuses a call without a tenant, whatever state the store is in (R9.4).
func checkScope(sc tenancy.Scope) error {
	if _, err := tenancy.ParseID(string(sc.Tenant)); err != nil {
		return errs.Wrap(err, errs.Denied, typev1.Reason_REASON_TENANT_REQUIRED, "choose a tenant")
	}
	return nil
}
