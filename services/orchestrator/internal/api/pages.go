package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/tenancy"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/store"
)

const (
	defaultPage = 50
	macBytes    = 16
	uuidBytes   = 16
)

var errPageToken = errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "this page token is not valid here; start again from the first page")

// pager makes page tokens that only we can make: MAC, tenant, cursor. The MAC covers the method too, so that a
// token is good for one list of one tenant.
type pager struct{ key []byte }

func (p pager) mac(method string, body []byte) []byte {
	h := hmac.New(sha256.New, p.key)
	h.Write([]byte("chimera.page.v1\x00" + method + "\x00"))
	h.Write(body)
	return h.Sum(nil)[:macBytes]
}

func (p pager) seal(method string, tenant tenancy.ID, cursor string) (string, error) {
	id, err := uuid.Parse(string(tenant))
	if err != nil {
		return "", err
	}
	body := append(id[:], cursor...)
	return base64.RawURLEncoding.EncodeToString(append(p.mac(method, body), body...)), nil
}

func (p pager) open(method, token string) (tenancy.ID, string, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	// The decoder passes over line ends and leftover bits: a token is ours only to the letter.
	if err != nil || len(raw) < macBytes+uuidBytes || base64.RawURLEncoding.EncodeToString(raw) != token {
		return "", "", false
	}
	body := raw[macBytes:]
	if !hmac.Equal(raw[:macBytes], p.mac(method, body)) {
		return "", "", false
	}
	id, err := uuid.FromBytes(body[:uuidBytes])
	return tenancy.ID(id.String()), string(body[uuidBytes:]), err == nil
}

// owner tells whose genuine token this is.
func (p pager) owner(method, token string) (tenancy.ID, bool) {
	tenant, _, ok := p.open(method, token)
	return tenant, ok
}

type pagedRequest interface {
	GetPageSize() int32
	GetPageToken() string
}

// page reads one page by keyset: list gets the cursor of the last row seen ("" for the first page) and how many
// rows to read; one more than asked for tells whether there is a next page.
func page[R any](ctx context.Context, c *core, req pagedRequest, cursor func(R) string,
	list func(ctx context.Context, tx *store.Tx, after string, limit int) ([]R, error),
) ([]R, string, error) {
	who := callerFrom(ctx)
	sc := who.scope()
	after := ""
	if req.GetPageToken() != "" {
		tenant, cur, ok := c.pages.open(who.procedure, req.GetPageToken())
		if !ok || tenant != sc.Tenant {
			return nil, "", errPageToken
		}
		after = cur
	}
	size := int(req.GetPageSize())
	if size == 0 {
		size = defaultPage
	}
	var rows []R
	err := c.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		rows, err = list(ctx, tx, after, size+1)
		return err
	})
	if err != nil || len(rows) <= size {
		return rows, "", err
	}
	rows = rows[:size]
	next, err := c.pages.seal(who.procedure, sc.Tenant, cursor(rows[size-1]))
	return rows, next, err
}

// exists refuses a filter by an object that is not there. An empty page would be the wrong answer to a mistyped
// id, and would leave a cross-tenant attempt unseen.
func exists[R any](ctx context.Context, id string, get func(context.Context, string) (R, error)) error {
	if id == "" {
		return nil
	}
	_, err := get(ctx, id)
	return err
}
