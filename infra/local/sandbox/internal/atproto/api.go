// Package atproto speaks the part of the AT Protocol that publishing needs, as a PDS does, plus the
// counts an AppView would give. It differs from a real PDS in that nothing is signed: commits have
// no Merkle tree behind them, and DIDs are in no directory. Record and blob CIDs are genuine.
package atproto

import (
	"net/http"
	"time"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/cid"
	"chimera/infra/local/sandbox/internal/fault"
	"chimera/infra/local/sandbox/internal/gate"
	"chimera/infra/local/sandbox/internal/ledger"
	"chimera/infra/local/sandbox/internal/ratelimit"
)

// API answers the XRPC calls of a PDS and of an AppView's counts.
type API struct {
	Ledger       *ledger.Ledger
	Accounts     *account.Directory
	Faults       *fault.Queue
	Limiter      *ratelimit.Limiter
	Secret       []byte        // signs session tokens
	AccessTTL    time.Duration // of an accessJwt
	SessionLimit int           // logins per identifier and window
	Now          func() time.Time
	tids         cid.TIDClock
}

// Register adds every method to the gate, and completes the gate for this platform.
func (a *API) Register(g gate.Gate) {
	g.Platform, g.Dialect, g.LimitHeaders, g.Identify = ledger.Bluesky, a.dialect(), limitHeaders, a.identify
	g.Handle("POST /xrpc/com.atproto.server.createSession", "session.create", a.createSession)
	g.Handle("POST /xrpc/com.atproto.server.refreshSession", "session.refresh", a.refreshSession)
	g.Handle("GET /xrpc/com.atproto.server.getSession", "session.get", a.getSession)
	g.Handle("GET /xrpc/com.atproto.server.describeServer", "server.describe", a.describeServer)
	g.Handle("GET /xrpc/_health", "server.describe", a.health)
	g.Handle("GET /xrpc/com.atproto.identity.resolveHandle", "identity.resolve", a.resolveHandle)
	g.Handle("POST /xrpc/com.atproto.repo.uploadBlob", "media.upload", a.uploadBlob)
	g.Handle("POST /xrpc/com.atproto.repo.createRecord", "post.create", a.createRecord)
	g.Handle("POST /xrpc/com.atproto.repo.putRecord", "post.create", a.putRecord)
	g.Handle("POST /xrpc/com.atproto.repo.deleteRecord", "post.delete", a.deleteRecord)
	g.Handle("GET /xrpc/com.atproto.repo.getRecord", "post.get", a.getRecord)
	g.Handle("GET /xrpc/com.atproto.repo.listRecords", "post.list", a.listRecords)
	g.Handle("GET /xrpc/com.atproto.sync.getBlob", "media.get", a.getBlob)
	g.Handle("GET /xrpc/app.bsky.feed.getPosts", "counts.get", a.getPosts)
	g.Handle("/xrpc/", "unknown", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusNotImplemented, "MethodNotImplemented", "Method Not Implemented")
	})
}

func (a *API) describeServer(w http.ResponseWriter, _ *http.Request) {
	reply(w, map[string]any{
		"did": "did:web:localhost", "availableUserDomains": []string{".test"},
		"inviteCodeRequired": true, "phoneVerificationRequired": false,
		"links": map[string]any{}, "contact": map[string]any{},
	})
}

func (a *API) health(w http.ResponseWriter, _ *http.Request) {
	reply(w, map[string]string{"version": "chimera-sandbox"})
}

func (a *API) resolveHandle(w http.ResponseWriter, r *http.Request) {
	found, ok := a.Accounts.Find(ledger.Bluesky, r.URL.Query().Get("handle"))
	if !ok {
		badRequest(w, "InvalidRequest", "Unable to resolve handle")
		return
	}
	reply(w, map[string]string{"did": found.ID})
}
