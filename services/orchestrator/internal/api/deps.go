// Package api is the orchestrator's Connect API: the Platform's (platform.v1, people) and the inner one
// (internal.v1, services). API messages stop here: rows come from store, changes go through commit.
//
// A request goes one way: edge (request id, deadline, body bound) → admission (token, membership, permission;
// before any message is read) → interceptors → service method.
package api

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"time"

	internalv1 "chimera/gen/go/chimera/control/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/api/authn"
	"chimera/services/orchestrator/internal/changes"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
)

// Deps is what the API is made of.
type Deps struct {
	Store    *store.Store
	Commit   *commit.Committer
	Verifier *authn.Verifier
	// TokenKey authenticates page tokens and request digests; at least 32 bytes, the same on every replica.
	TokenKey []byte
	// AuditKeys are the public keys of audit checkpoints, by key id.
	AuditKeys map[string]ed25519.PublicKey
	// Changes is where streams learn what to tell; it must be running.
	Changes *changes.Board
	// Health tells how the installation's parts are; it must return within its context.
	Health func(ctx context.Context) []PartHealth
	// Replay puts a dead letter's message back on the bus.
	Replay func(ctx context.Context, sc tenancy.Scope, letter store.DeadLetter) error
	// Recall searches semantic memory; degraded says in a sentence why it answers less than it could.
	Recall func(ctx context.Context, sc tenancy.Scope, query string, limit int) (memories []*internalv1.Memory, degraded string, err error)
	Log    *slog.Logger
	// Deadline ends a call whose client set none, or a later one; 0 is 20 s.
	Deadline time.Duration
	// Heartbeat is how often a stream says that it lives, and looks whether its caller may still listen; 0 is 15 s.
	Heartbeat time.Duration
	// MembershipTTL is how long a read membership is believed; 0 is 10 s, at most 60 s (R13.2).
	MembershipTTL time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// PartHealth is one part's state in a sentence.
type PartHealth struct {
	Part   string
	OK     bool
	Detail string
}

const (
	defaultDeadline      = 20 * time.Second
	defaultHeartbeat     = 15 * time.Second
	defaultMembershipTTL = 10 * time.Second
	// revocationBound is the longest a removed member may go on (R13.2).
	revocationBound = time.Minute
)

func (d Deps) withDefaults() (Deps, error) {
	if d.Deadline == 0 {
		d.Deadline = defaultDeadline
	}
	if d.Heartbeat == 0 {
		d.Heartbeat = defaultHeartbeat
	}
	if d.MembershipTTL == 0 {
		d.MembershipTTL = defaultMembershipTTL
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	switch {
	case d.MembershipTTL > revocationBound:
		return d, errors.New("api: a membership may be believed for at most 60 s")
	case d.Store == nil || d.Commit == nil || d.Verifier == nil || d.Log == nil:
		return d, errors.New("api: Store, Commit, Verifier and Log are needed")
	case d.Changes == nil:
		return d, errors.New("api: Changes is needed")
	case d.Health == nil || d.Replay == nil || d.Recall == nil:
		return d, errors.New("api: Health, Replay and Recall are needed")
	case len(d.TokenKey) < 32:
		return d, errors.New("api: TokenKey needs at least 32 bytes")
	}
	return d, nil
}
