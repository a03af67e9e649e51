package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/caarlos0/env/v11"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/platforms"
	"chimera/skills/internal/bluesky"
	"chimera/skills/internal/mastodon"
	"chimera/skills/internal/netguard"
	"chimera/skills/internal/skillkit"
)

type config struct {
	// AllowHostPorts are exceptions to "public hosts only", each exactly host:port: servers on this machine.
	AllowHostPorts []string `env:"ALLOW_HOST_PORTS" envSeparator:","`
	// BlueskyApps: "<base URL of a server>=<web app>", comma separated, for servers that bsky.app does not show.
	BlueskyApps map[string]string `env:"BLUESKY_APPS" envSeparator:"," envKeyValSeparator:"="`
}

type publisher struct {
	sites  map[string]site
	images images
}

func newPublisher(cfg config, now func() time.Time) *publisher {
	// One guarded client each: account addresses and image addresses both come from tenants.
	api := netguard.Client(netguard.Policy{AllowHostPorts: cfg.AllowHostPorts, Timeout: 30 * time.Second})
	media := netguard.Client(netguard.Policy{AllowHostPorts: cfg.AllowHostPorts, MaxBytes: maxImageBytes + 1, Timeout: 20 * time.Second})
	media.Transport = otelhttp.NewTransport(media.Transport)
	return &publisher{images: images{media}, sites: map[string]site{
		"bluesky":  blueskySite{bluesky.New(api, now), cfg.BlueskyApps, now},
		"mastodon": mastodonSite{mastodon.New(api, now), now},
	}}
}

func fromEnvironment() (cfg config, err error) {
	if err = env.ParseWithOptions(&cfg, env.Options{Prefix: "CHIMERA_"}); err != nil {
		return config{}, fmt.Errorf("publisher config: %w", err)
	}
	return cfg, nil
}

func register(_ context.Context, s *skillkit.Server) error {
	cfg, err := fromEnvironment()
	if err != nil {
		return err
	}
	newPublisher(cfg, time.Now).tools(s)
	return nil
}

func (p *publisher) tools(s *skillkit.Server) {
	skillkit.RegisterEffect(s, skillkit.Effect[Post, Plan, Published]{
		Tool: skillkit.Tool{
			Name: "publish", Title: "Publish a post", Idempotent: true, OpenWorld: true, Timeout: time.Minute, Platform: platformOf,
			Description: "Publishes one post with its images as an account, with the AI disclosure its platform demands. A dry run answers with the exact post, a preview and what breaks the platform's rules.",
		},
		Plan: p.plan, Apply: p.apply,
	})
	skillkit.RegisterEffect(s, skillkit.Effect[Target, RemovalPlan, Removed]{
		Tool: skillkit.Tool{
			Name: "delete", Title: "Delete a post", Idempotent: true, OpenWorld: true, Platform: platformOf,
			Description: "Deletes one own post. A post that is gone already counts as deleted.",
		},
		Plan: p.planRemoval, Apply: p.remove,
	})
	skillkit.Read(s, skillkit.Tool{
		Name: "read", Title: "Read a post back", Idempotent: true, OpenWorld: true, Platform: platformOf,
		Description: "Reads one post as the platform shows it now.",
	}, p.read)
	skillkit.Read(s, skillkit.Tool{
		Name: "lookup", Title: "Look up the outcome of a publish", Idempotent: true, OpenWorld: true, Timeout: 30 * time.Second, Platform: platformOf,
		Description: "Says whether a publish whose outcome is unknown did happen: found, absent (certain) or uncertain.",
	}, p.lookup)
}

// account is the site, credential and rules a call works with.
func (p *publisher) account(ctx context.Context, c *skillkit.Call, platform, accountID string) (site, skillkit.Credential, platforms.Rules, error) {
	at, ok := p.sites[platform]
	rules, known := platforms.Get(platform)
	if !ok || !known {
		return nil, skillkit.Credential{}, rules, errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "platform %.40q is not one of bluesky and mastodon", platform)
	}
	if accountID != c.AccountID {
		return nil, skillkit.Credential{}, rules, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "account_id is not the account of the task")
	}
	cred, err := c.Credential(ctx)
	if err != nil {
		return nil, cred, rules, err
	}
	if cred.Platform != platform {
		return nil, cred, rules, errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "the account is on %s, not on %s", cred.Platform, platform)
	}
	return at, cred, rules, nil
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
