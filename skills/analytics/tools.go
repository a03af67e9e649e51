package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/caarlos0/env/v11"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/bluesky"
	"chimera/skills/internal/mastodon"
	"chimera/skills/internal/netguard"
	"chimera/skills/internal/skillkit"
)

// maxPosts bounds one call; Mastodon takes one request per post.
const maxPosts = 100

type config struct {
	// AllowHostPorts are exceptions to "public hosts only", each exactly host:port: servers on this machine.
	AllowHostPorts []string `env:"ALLOW_HOST_PORTS" envSeparator:","`
}

// Query names own posts.
type Query struct {
	Platform  string   `json:"platform" jsonschema:"bluesky or mastodon"`
	AccountID string   `json:"account_id"`
	URIs      []string `json:"uris" jsonschema:"up to 100 uris, as publish returned them"`
}

// Counts are totals up to now; posts that the platform does not have are left out.
type Counts struct {
	Posts []Post `json:"posts"`
}

// Post is one post's counts.
type Post struct {
	URI     string `json:"uri"`
	Likes   int64  `json:"likes"`
	Reposts int64  `json:"reposts"`
	Replies int64  `json:"replies"`
}

type collector struct {
	bluesky  *bluesky.Client
	mastodon *mastodon.Client
}

func register(_ context.Context, s *skillkit.Server) error {
	var cfg config
	if err := env.ParseWithOptions(&cfg, env.Options{Prefix: "CHIMERA_"}); err != nil {
		return fmt.Errorf("analytics config: %w", err)
	}
	newCollector(cfg, time.Now).tools(s)
	return nil
}

func newCollector(cfg config, now func() time.Time) *collector {
	guarded := netguard.Client(netguard.Policy{AllowHostPorts: cfg.AllowHostPorts, Timeout: 30 * time.Second})
	return &collector{bluesky.New(guarded, now), mastodon.New(guarded, now)}
}

func (c *collector) tools(s *skillkit.Server) {
	skillkit.Read(s, skillkit.Tool{
		Name: "collect", Title: "Collect counts", Idempotent: true, OpenWorld: true, Timeout: 45 * time.Second, Platform: platformOf,
		Description: "Reads likes, reposts and replies of own posts. On a server that does not count, the answer is empty and the report says so.",
	}, c.collect)
}

func (c *collector) collect(ctx context.Context, call *skillkit.Call, in Query) (Counts, skillkit.Report, error) {
	report := skillkit.Report{Confidence: 1, Basis: "the platform's counters", Method: "analytics.collect/v1"}
	switch {
	case len(in.URIs) == 0 || len(in.URIs) > maxPosts:
		return Counts{}, report, errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "uris must name 1 to %d posts", maxPosts)
	case in.AccountID != call.AccountID:
		return Counts{}, report, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "account_id is not the account of the task")
	}
	cred, err := call.Credential(ctx)
	if err != nil {
		return Counts{}, report, err
	}
	if cred.Platform != in.Platform {
		return Counts{}, report, errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "the account is on %s, not on %.40q", cred.Platform, in.Platform)
	}
	var posts []Post
	switch in.Platform {
	case "bluesky":
		posts, err = c.fromBluesky(ctx, cred, in.URIs, &report)
	case "mastodon":
		posts, err = c.fromMastodon(ctx, cred, in.URIs)
	default:
		err = errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "platform %.40q is not one of bluesky and mastodon", in.Platform)
	}
	return Counts{Posts: append([]Post{}, posts...)}, report, err
}

func platformOf(args json.RawMessage) string {
	var in struct {
		Platform string `json:"platform"`
	}
	if json.Unmarshal(args, &in) != nil {
		return ""
	}
	return in.Platform
}
