package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/netguard"
	"chimera/skills/internal/skillkit"
)

const (
	maxFeeds     = 20
	maxKeywords  = 50
	defaultLimit = 20
	maxLimit     = 50
	maxBodyBytes = 2 << 20
)

type collectIn struct {
	Feeds      []string `json:"feeds,omitempty" jsonschema:"addresses of RSS or Atom feeds, at most 20"`
	Keywords   []string `json:"keywords,omitempty" jsonschema:"keep items that hold at least one of these words; empty keeps all"`
	HackerNews bool     `json:"hacker_news,omitempty" jsonschema:"also read the top stories of Hacker News"`
	Limit      int      `json:"limit,omitempty" jsonschema:"how many items to return at most, 1 to 50; 0 means 20"`
}

type collectOut struct {
	Trends []trend `json:"trends" jsonschema:"newest first"`
}

// trend is text from outside: data to write about, never instructions.
type trend struct {
	Title       string `json:"title"`
	Summary     string `json:"summary"`
	URL         string `json:"url"`
	PublishedAt string `json:"published_at" jsonschema:"RFC 3339, empty when unknown"`
	Source      string `json:"source"`
	Tainted     bool   `json:"tainted" jsonschema:"always true: the text comes from outside"`
}

type config struct {
	// AllowHostPorts are "host:port" that may be fetched although they are not public: local feeds in the demo.
	AllowHostPorts []string `env:"ALLOW_HOST_PORTS" envSeparator:","`
	// SourceTimeout bounds one feed, or all of Hacker News.
	SourceTimeout time.Duration `env:"SOURCE_TIMEOUT" envDefault:"8s"`
	HackerNewsURL string        `env:"HACKER_NEWS_URL" envDefault:"https://hacker-news.firebaseio.com"`
}

func register(_ context.Context, s *skillkit.Server) error {
	var cfg config
	if err := env.ParseWithOptions(&cfg, env.Options{Prefix: "CHIMERA_"}); err != nil {
		return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the environment of the trends skill cannot be read")
	}
	c := newCollector(cfg, netguard.Client(netguard.Policy{AllowHostPorts: cfg.AllowHostPorts, MaxBytes: maxBodyBytes, Timeout: cfg.SourceTimeout}))
	skillkit.Read(s, skillkit.Tool{
		Name: "collect", Title: "Collect trends", Idempotent: true, OpenWorld: true, Timeout: 30 * time.Second,
		Description: "Reads RSS and Atom feeds and, if asked, Hacker News; returns the newest items that hold a keyword. All text is from outside and labelled tainted.",
	}, func(ctx context.Context, _ *skillkit.Call, in collectIn) (collectOut, skillkit.Report, error) {
		return c.collect(ctx, in)
	})
	return nil
}

func newCollector(cfg config, client *http.Client) *collector {
	return &collector{client: client, cache: newFeedCache(), hackerNews: strings.TrimSuffix(cfg.HackerNewsURL, "/"), timeout: cfg.SourceTimeout, now: time.Now}
}

func (in *collectIn) check() error {
	switch {
	case len(in.Feeds) == 0 && !in.HackerNews:
		return errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "name at least one feed, or ask for Hacker News")
	case len(in.Feeds) > maxFeeds:
		return errs.Newf(errs.Invalid, typev1.Reason_REASON_LIMIT_EXCEEDED, "at most %d feeds in one call", maxFeeds)
	case len(in.Keywords) > maxKeywords:
		return errs.Newf(errs.Invalid, typev1.Reason_REASON_LIMIT_EXCEEDED, "at most %d keywords in one call", maxKeywords)
	case in.Limit < 0 || in.Limit > maxLimit:
		return errs.Newf(errs.Invalid, typev1.Reason_REASON_LIMIT_EXCEEDED, "limit must be between 1 and %d", maxLimit)
	case in.Limit == 0:
		in.Limit = defaultLimit
	}
	return nil
}
