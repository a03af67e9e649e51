package memory

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/sony/gobreaker"
	"github.com/weaviate/weaviate-go-client/v4/weaviate/fault"
)

// maxAnswer bounds one answer of the store, in bytes: the client library reads bodies whole.
const maxAnswer = 8 << 20

var (
	errNotReady = errors.New("the store is not ready")
	// errTooLarge is what reading past maxAnswer ends with.
	errTooLarge = errors.New("the store's answer is too large")
)

// unusableError means there is no client to call with.
type unusableError string

func (e unusableError) Error() string { return string(e) }

// newBreaker opens at the first failure, because a plan waits for every one: what a store that is away costs
// is one dial timeout per retryAfter, not one per task.
func newBreaker(retryAfter time.Duration, log *slog.Logger) *gobreaker.TwoStepCircuitBreaker {
	return gobreaker.NewTwoStepCircuitBreaker(gobreaker.Settings{
		Name: "weaviate", Timeout: retryAfter,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 1 },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			log.Warn("memory breaker changed", "from", from.String(), "to", to.String())
		},
	})
}

// call runs fn under the breaker and the call timeout.
func (m *Memory) call(parent context.Context, fn func(ctx context.Context) error) error {
	if m.unusable != "" {
		return unusableError(m.unusable)
	}
	done, err := m.breaker.Allow()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(parent, m.callTimeout)
	defer cancel()
	healthy := false
	// Deferred: a panic that left the breaker undecided would keep its one probe taken for ever.
	defer func() { done(healthy) }()
	err = fn(ctx)
	// A caller that went away says nothing about the store.
	healthy = err == nil || parent.Err() != nil || !isAway(err)
	return err
}

// isAway tells a store that cannot serve from one that refused this one request.
func isAway(err error) bool {
	var answered *fault.WeaviateClientError
	if errors.As(err, &answered) && answered.IsUnexpectedStatusCode {
		return answered.StatusCode >= 500 || answered.StatusCode == http.StatusTooManyRequests
	}
	var refused *refusedError
	return !errors.As(err, &refused)
}

// degraded is the line that a task, a result and the health page show: no addresses, no keys.
func degraded(err error) string {
	var answered *fault.WeaviateClientError
	var unusable unusableError
	var refused *refusedError
	switch {
	case errors.As(err, &unusable):
		return "memory: " + unusable.Error()
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return "memory: Weaviate was away a moment ago"
	case errors.As(err, &refused):
		return "memory: Weaviate refused the request"
	case errors.As(err, &answered) && answered.StatusCode == http.StatusUnauthorized:
		return "memory: Weaviate refuses the API key (CHIMERA_WEAVIATE_API_KEY)"
	case errors.As(err, &answered) && answered.IsUnexpectedStatusCode:
		return "memory: Weaviate answers with an error"
	}
	return "memory: Weaviate does not answer"
}

func httpClient(cfg Config) *http.Client {
	transport := &http.Transport{
		DialContext:            (&net.Dialer{Timeout: cmp.Or(cfg.DialTimeout, 45*time.Millisecond)}).DialContext,
		TLSHandshakeTimeout:    2 * time.Second,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
	}
	// The timeout also bounds the library's own version look-up, which takes no context.
	return &http.Client{Transport: bounded{transport}, Timeout: cmp.Or(cfg.CallTimeout, 3*time.Second)}
}

type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err == nil {
		response.Body = &boundedBody{ReadCloser: response.Body, left: maxAnswer}
	}
	return response, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

// Read fails at the bound instead of ending there: a cut answer must not pass for a whole one.
func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
