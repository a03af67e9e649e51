package atproto

import (
	"net/http"
	"strings"

	"chimera/infra/local/sandbox/internal/account"
)

func (a *API) createSession(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Identifier string `json:"identifier"`
		Password   string `json:"password"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	// The login's own limit is the tightest, so its state is what the headers show.
	window := a.Limiter.Take("bluesky login "+strings.ToLower(in.Identifier), a.SessionLimit)
	limitHeaders(w.Header(), window)
	if !window.OK {
		a.rateLimited(w, window.Reset.Sub(a.Now()))
		return
	}
	found, ok := a.Accounts.Login(in.Identifier, in.Password)
	if !ok {
		fail(w, http.StatusUnauthorized, "AuthenticationRequired", "Invalid identifier or password")
		return
	}
	a.session(w, found)
}

// refreshSession gives a new pair. The old refresh token stays good; a real PDS lets it live two hours more.
func (a *API) refreshSession(w http.ResponseWriter, r *http.Request) {
	if found, ok := a.authenticate(w, r, scopeRefresh); ok {
		a.session(w, found)
	}
}

func (a *API) getSession(w http.ResponseWriter, r *http.Request) {
	if found, ok := a.authenticate(w, r, scopeAccess); ok {
		reply(w, map[string]any{"did": found.ID, "handle": found.Handle, "didDoc": didDocument(found, r), "active": true})
	}
}

func (a *API) session(w http.ResponseWriter, of account.Account) {
	reply(w, map[string]any{
		"did": of.ID, "handle": of.Handle, "active": true,
		"accessJwt":  a.issue(of.ID, scopeAccess, a.AccessTTL),
		"refreshJwt": a.issue(of.ID, scopeRefresh, refreshTTL),
	})
}

func didDocument(of account.Account, r *http.Request) map[string]any {
	return map[string]any{
		"@context": []string{"https://www.w3.org/ns/did/v1"}, "id": of.ID,
		"alsoKnownAs": []string{"at://" + of.Handle},
		"service": []map[string]string{{
			"id": "#atproto_pds", "type": "AtprotoPersonalDataServer",
			"serviceEndpoint": "http://" + r.Host,
		}},
	}
}
