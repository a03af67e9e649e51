package sandbox

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/atproto"
	"chimera/infra/local/sandbox/internal/control"
	"chimera/infra/local/sandbox/internal/fault"
	"chimera/infra/local/sandbox/internal/feeds"
	"chimera/infra/local/sandbox/internal/gate"
	"chimera/infra/local/sandbox/internal/ledger"
	"chimera/infra/local/sandbox/internal/mastodon"
	"chimera/infra/local/sandbox/internal/ratelimit"
	"chimera/infra/local/sandbox/internal/requestlog"
	"chimera/infra/local/sandbox/internal/timeline"
)

// Server is the sandbox with its data open.
type Server struct {
	handler http.Handler
	ledger  *ledger.Ledger
}

// New opens the data folder and wires both platforms. One process may use a folder at a time.
// Errors: a bad config, naming the field; a damaged or unwritable data folder.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	accounts := &account.Directory{}
	for _, a := range cfg.Accounts {
		if _, err := accounts.Add(a); err != nil {
			return nil, fmt.Errorf("sandbox: accounts: %w", err)
		}
	}
	documents, err := feeds.New(cfg.Now())
	if err != nil {
		return nil, err
	}
	book, err := ledger.Open(cfg.DataDir, cfg.Now)
	if err != nil {
		return nil, fmt.Errorf("sandbox: data_dir: %w", err)
	}
	secret, err := sessionSecret(cfg.DataDir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox: data_dir: %w", err), book.Close())
	}

	mux := http.NewServeMux()
	faults, log, limiter := &fault.Queue{}, &requestlog.Log{}, &ratelimit.Limiter{Now: cfg.Now}
	door := gate.Gate{Mux: mux, Faults: faults, Log: log, Limiter: limiter, Now: cfg.Now}

	bluesky := &atproto.API{
		Ledger: book, Accounts: accounts, Faults: faults, Limiter: limiter, Secret: secret,
		AccessTTL: time.Duration(cfg.AccessTTL), SessionLimit: cfg.RateLimits.BlueskySessions, Now: cfg.Now,
	}
	door.Limit = cfg.RateLimits.BlueskyRequests
	bluesky.Register(door)

	fediverse := &mastodon.API{
		Ledger: book, Accounts: accounts, Faults: faults, Now: cfg.Now, BaseURL: cfg.baseURL,
		MaxCharacters: cfg.Mastodon.MaxCharacters, MaxMedia: cfg.Mastodon.MaxMedia,
		IgnoreIdempotencyKey: cfg.Mastodon.IgnoreIdempotencyKey,
	}
	door.Limit = cfg.RateLimits.MastodonRequests
	fediverse.Register(door)

	(&control.API{Token: cfg.ControlToken, Ledger: book, Accounts: accounts, Faults: faults, Log: log}).Register(mux)
	(&timeline.Pages{Ledger: book, Accounts: accounts, Log: cfg.Logger}).Register(mux)
	mux.Handle("GET /feeds/{name}", documents)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"ok"}` + "\n")) // the client left: nobody to tell
	})
	return &Server{handler: mux, ledger: book}, nil
}

// Handler serves everything; see Run for a listener around it.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends writing to the data folder. Requests still under way fail.
func (s *Server) Close() error { return s.ledger.Close() }

func (c Config) baseURL(r *http.Request) string {
	if c.PublicURL != "" {
		return strings.TrimRight(c.PublicURL, "/")
	}
	return "http://" + r.Host
}

// sessionSecret is kept, so that a restart does not end the sessions of clients, as on a PDS.
func sessionSecret(dir string) ([]byte, error) {
	path := filepath.Join(dir, "jwt.key")
	secret, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		secret = []byte(rand.Text() + rand.Text())
		return secret, os.WriteFile(path, secret, 0o600)
	}
	if err == nil && len(secret) < 32 {
		err = fmt.Errorf("%s is too short: remove it", path)
	}
	return secret, err
}
