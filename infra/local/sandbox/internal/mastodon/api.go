// Package mastodon speaks the part of the Mastodon client API that publishing needs. It differs from
// a real server in that posts federate nowhere, images are kept as uploaded, and polls, replies to
// others, edits and scheduled posts are refused.
package mastodon

import (
	"net/http"
	"time"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/fault"
	"chimera/infra/local/sandbox/internal/gate"
	"chimera/infra/local/sandbox/internal/ledger"
)

// API answers the used part of the Mastodon API.
type API struct {
	Ledger   *ledger.Ledger
	Accounts *account.Directory
	Faults   *fault.Queue
	Now      func() time.Time
	// BaseURL of the pages that posts are linked to, from the request if none is configured.
	BaseURL              func(*http.Request) string
	MaxCharacters        int
	MaxMedia             int
	IgnoreIdempotencyKey bool // as GoToSocial, where the field is "currently unused"
}

// Register adds every operation to the gate, and completes the gate for this platform.
func (a *API) Register(g gate.Gate) {
	g.Platform, g.Dialect, g.LimitHeaders, g.Identify = ledger.Mastodon, a.dialect(), limitHeaders, a.identify
	g.Handle("POST /api/v1/statuses", "post.create", a.createStatus)
	g.Handle("GET /api/v1/statuses/{id}", "post.get", a.getStatus)
	g.Handle("DELETE /api/v1/statuses/{id}", "post.delete", a.deleteStatus)
	g.Handle("POST /api/v2/media", "media.upload", a.uploadMedia)
	g.Handle("GET /api/v1/media/{id}", "media.get", a.getMedia)
	g.Handle("PUT /api/v1/media/{id}", "media.update", a.updateMedia)
	g.Handle("GET /api/v1/accounts/verify_credentials", "account.verify", a.verifyCredentials)
	g.Handle("GET /api/v1/accounts/{id}/statuses", "post.list", a.accountStatuses)
	g.Handle("GET /api/v2/instance", "instance.get", a.instance)
	notFound := func(w http.ResponseWriter, _ *http.Request) { fail(w, http.StatusNotFound, msgNotFound) }
	g.Handle("/api/", "unknown", notFound)
}

func (a *API) instance(w http.ResponseWriter, r *http.Request) {
	reply(w, http.StatusOK, map[string]any{
		"domain": r.Host, "title": "Sandbox: not a real network", "version": "4.5.0 (compatible; chimera-sandbox)",
		"languages": []string{"en"}, "registrations": map[string]any{"enabled": false},
		"configuration": map[string]any{
			"statuses": map[string]int{
				"max_characters": a.MaxCharacters, "max_media_attachments": a.MaxMedia,
				"characters_reserved_per_url": urlCharacters,
			},
			"media_attachments": map[string]any{
				"supported_mime_types": mediaTypes, "image_size_limit": maxMediaBytes,
				"video_size_limit": maxMediaBytes, "description_limit": maxDescription,
			},
		},
	})
}
