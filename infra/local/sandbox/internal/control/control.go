// Package control is the sandbox's own API under /_sandbox/: faults, engagement, accounts, and what
// the platforms saw.
package control

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/atproto"
	"chimera/infra/local/sandbox/internal/fault"
	"chimera/infra/local/sandbox/internal/ledger"
	"chimera/infra/local/sandbox/internal/mastodon"
	"chimera/infra/local/sandbox/internal/requestlog"
)

const maxBodyBytes = 64 << 10

// API is the control API: faults, effects, engagement, requests, accounts.
type API struct {
	Token    string // "": everything is refused
	Ledger   *ledger.Ledger
	Accounts *account.Directory
	Faults   *fault.Queue
	Log      *requestlog.Log
}

func (a *API) Register(mux *http.ServeMux) {
	inner := http.NewServeMux()
	inner.HandleFunc("POST /_sandbox/faults", a.addFault)
	inner.HandleFunc("GET /_sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"faults": a.Faults.List()})
	})
	inner.HandleFunc("DELETE /_sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		a.Faults.Clear()
		w.WriteHeader(http.StatusNoContent)
	})
	inner.HandleFunc("DELETE /_sandbox/faults/{id}", a.removeFault)
	inner.HandleFunc("GET /_sandbox/effects", a.effects)
	inner.HandleFunc("POST /_sandbox/engage", a.engage)
	inner.HandleFunc("GET /_sandbox/requests", a.requests)
	inner.HandleFunc("POST /_sandbox/accounts", a.addAccount)
	inner.HandleFunc("GET /_sandbox/accounts", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"accounts": a.Accounts.List()})
	})
	mux.Handle("/_sandbox/", a.guard(inner))
}

// guard lets in the holder of the control token, from this machine only.
func (a *API) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			fail(w, http.StatusForbidden, "the control API answers this machine only")
			return
		}
		if a.Token == "" {
			fail(w, http.StatusForbidden, "the control API is off: configure control_token")
			return
		}
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+a.Token)) != 1 {
			fail(w, http.StatusUnauthorized, "send Authorization: Bearer <control token>")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *API) addFault(w http.ResponseWriter, r *http.Request) {
	var f fault.Fault
	if !readJSON(w, r, &f) {
		return
	}
	added, err := a.Faults.Add(f)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	reply(w, http.StatusCreated, added)
}

func (a *API) removeFault(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || !a.Faults.Remove(id) {
		fail(w, http.StatusNotFound, "no such fault")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *API) engage(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Post string `json:"post"`
		ledger.Counts
	}
	if !readJSON(w, r, &in) {
		return
	}
	// One field takes what a caller has at hand: page id, at:// URI or Mastodon status id.
	for _, id := range []string{in.Post, atproto.PageIDOf(in.Post), mastodon.PageID(in.Post)} {
		counts, err := a.Ledger.Engage(id, in.Counts)
		if errors.Is(err, ledger.ErrNotFound) {
			continue
		}
		if err != nil {
			fail(w, http.StatusInsufficientStorage, err.Error())
			return
		}
		reply(w, http.StatusOK, struct {
			PostID string `json:"post_id"`
			ledger.Counts
		}{id, counts})
		return
	}
	fail(w, http.StatusNotFound, "no such post")
}

func (a *API) requests(w http.ResponseWriter, r *http.Request) {
	limit := 200
	if n, err := strconv.Atoi(r.URL.Query().Get("limit")); err == nil && n > 0 {
		limit = n
	}
	reply(w, http.StatusOK, map[string]any{"requests": a.Log.Last(limit)})
}

func (a *API) addAccount(w http.ResponseWriter, r *http.Request) {
	var in account.Account
	if !readJSON(w, r, &in) {
		return
	}
	added, err := a.Accounts.Add(in)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	added.Password, added.Token = "", ""
	reply(w, http.StatusCreated, added)
}

// readJSON answers by itself on false. Unknown fields are refused: a typing error in a fault would
// else make a test pass that tests nothing.
func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return false
	}
	return true
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client left: nobody to tell
}

func fail(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]string{"error": message})
}
