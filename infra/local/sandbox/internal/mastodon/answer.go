package mastodon

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/fault"
	"chimera/infra/local/sandbox/internal/ledger"
	"chimera/infra/local/sandbox/internal/ratelimit"
)

const (
	msgNotFound = "Record not found"
	msgBadToken = "The access token is invalid"
)

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client left: nobody to tell
}

func fail(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]string{"error": message})
}

// unprocessable is 422, the answer to what Mastodon's validations refuse.
func unprocessable(w http.ResponseWriter, format string, args ...any) {
	fail(w, http.StatusUnprocessableEntity, fmt.Sprintf(format, args...))
}

func storeError(w http.ResponseWriter, err error) {
	if errors.Is(err, ledger.ErrFull) {
		fail(w, http.StatusInsufficientStorage, err.Error())
		return
	}
	fail(w, http.StatusInternalServerError, "Internal Server Error")
}

func limitHeaders(h http.Header, s ratelimit.State) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(s.Limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(s.Remaining))
	h.Set("X-RateLimit-Reset", timestamp(s.Reset))
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (a *API) dialect() fault.Dialect {
	return fault.Dialect{
		// No Retry-After: neither Mastodon nor GoToSocial sends one, only the reset.
		RateLimited: func(w http.ResponseWriter, retryAfter time.Duration) {
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", timestamp(a.Now().Add(retryAfter)))
			fail(w, http.StatusTooManyRequests, "Too many requests")
		},
		ServerError: func(w http.ResponseWriter, status int) { fail(w, status, http.StatusText(status)) },
		DeadToken: func(w http.ResponseWriter, variant string) {
			if variant == "expired" {
				fail(w, http.StatusUnauthorized, "The access token expired")
				return
			}
			fail(w, http.StatusUnauthorized, msgBadToken)
		},
	}
}

func (a *API) caller(r *http.Request) (account.Account, bool) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return account.Account{}, false
	}
	return a.Accounts.ByToken(token)
}

// authenticate answers by itself when it returns false.
func (a *API) authenticate(w http.ResponseWriter, r *http.Request) (account.Account, bool) {
	found, ok := a.caller(r)
	if !ok {
		fail(w, http.StatusUnauthorized, msgBadToken)
	}
	return found, ok
}

func (a *API) identify(r *http.Request) (string, string) {
	found, _ := a.caller(r)
	return found.ID, found.Handle
}
