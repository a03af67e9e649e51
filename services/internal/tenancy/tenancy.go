// Package tenancy names whose data a piece of work may touch. A Scope is made in exactly two places, the
// API's auth interceptor and the bus middleware, and is passed on explicitly from there (R9.4, R13.2).
package tenancy

import (
	"errors"
	"log/slog"

	"github.com/google/uuid"
)

// ID is a tenant's id: its own type, so that no other UUID can be passed for it.
type ID string

// ParseID refuses anything but a canonical UUID; an unset tenant must never pass for "all tenants".
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	if err != nil || u == uuid.Nil || u.String() != s {
		return "", errors.New("tenant id: want a UUID in its canonical form")
	}
	return ID(s), nil
}

// Scope says for whom, by whom and under which request something is done.
type Scope struct {
	Tenant ID
	// Actor is a person's subject, "service:worker", "service:skill:<name>" or "system:<loop>".
	Actor     string
	RequestID string
}

// LogValue lets a scope be logged as a group.
func (s Scope) LogValue() slog.Value {
	return slog.GroupValue(slog.String("tenant_id", string(s.Tenant)), slog.String("actor", s.Actor), slog.String("request_id", s.RequestID))
}
