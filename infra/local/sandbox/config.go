// Package sandbox is a server that stands in for Bluesky and Mastodon on one machine: it speaks the
// parts of both protocols that Chimera uses, shows the posts on a timeline page, and fails on demand.
package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"chimera/infra/local/sandbox/internal/account"
)

// Account is one login of a platform.
type Account = account.Account

// Config is read from a JSON file by LoadConfig.
type Config struct {
	Listen       string         `json:"listen"`        // loopback only, unless InContainer
	InContainer  bool           `json:"in_container"`  // Listen may be any address: who reaches it is the network's to say
	PublicURL    string         `json:"public_url"`    // of the pages; "": http:// and the request's host
	DataDir      string         `json:"data_dir"`      // posts.jsonl, blobs/, jwt.key
	ControlToken string         `json:"control_token"` // "": no control API
	AccessTTL    Duration       `json:"access_ttl"`    // of a Bluesky accessJwt; 0: 2 h, as a PDS
	RateLimits   RateLimits     `json:"rate_limits"`
	Mastodon     MastodonConfig `json:"mastodon"`
	Accounts     []Account      `json:"accounts"`

	Now    func() time.Time `json:"-"` // nil: the wall clock
	Logger *slog.Logger     `json:"-"` // nil: silent
}

// RateLimits are per five minutes; 0 is the platform's own number.
type RateLimits struct {
	BlueskyRequests  int `json:"bluesky_requests"`
	BlueskySessions  int `json:"bluesky_sessions"` // logins per identifier
	MastodonRequests int `json:"mastodon_requests"`
}

// MastodonConfig is what Mastodon servers differ in.
type MastodonConfig struct {
	MaxCharacters        int  `json:"max_characters"`         // 0: 500
	MaxMedia             int  `json:"max_media"`              // 0: 4
	IgnoreIdempotencyKey bool `json:"ignore_idempotency_key"` // as GoToSocial does
}

// Duration is written as text, such as "90s", in the file.
type Duration time.Duration

func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// LoadConfig reads a JSON file. Unknown fields are refused.
func LoadConfig(path string) (Config, error) {
	file, err := os.Open(path)
	if err != nil {
		return Config{}, err
	}
	defer func() { _ = file.Close() }()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	var cfg Config
	if err := decoder.Decode(&cfg); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return cfg, nil
}

func (c Config) withDefaults() Config {
	setIfZero(&c.Listen, "127.0.0.1:7400")
	setIfZero(&c.AccessTTL, Duration(2*time.Hour))
	setIfZero(&c.RateLimits.BlueskyRequests, 3000)
	setIfZero(&c.RateLimits.BlueskySessions, 30)
	setIfZero(&c.RateLimits.MastodonRequests, 300)
	setIfZero(&c.Mastodon.MaxCharacters, 500)
	setIfZero(&c.Mastodon.MaxMedia, 4)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func setIfZero[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (c Config) check() error {
	if c.DataDir == "" {
		return errors.New("sandbox: data_dir is missing")
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("sandbox: listen: %w", err)
	}
	if ip := net.ParseIP(host); !c.InContainer && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("sandbox: listen %q must be a loopback address: it is no server for a network", c.Listen)
	}
	return nil
}
