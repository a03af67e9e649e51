package atproto

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"chimera/infra/local/sandbox/internal/fault"
	"chimera/infra/local/sandbox/internal/ledger"
	"chimera/infra/local/sandbox/internal/ratelimit"
)

const maxJSONBytes = 150 << 10 // as the PDS

func reply(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(body) // the client left: nobody to tell
}

// fail answers in XRPC's error form.
func fail(w http.ResponseWriter, status int, name, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": name, "message": message})
}

func badRequest(w http.ResponseWriter, name, format string, args ...any) {
	fail(w, http.StatusBadRequest, name, fmt.Sprintf(format, args...))
}

func internalError(w http.ResponseWriter) {
	fail(w, http.StatusInternalServerError, "InternalServerError", "Internal Server Error")
}

func storeError(w http.ResponseWriter, err error) {
	if errors.Is(err, ledger.ErrFull) {
		fail(w, http.StatusInsufficientStorage, "InternalServerError", err.Error())
		return
	}
	internalError(w)
}

// readJSON answers by itself and returns false if the body is too large or not the wanted JSON.
func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxJSONBytes)).Decode(into)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		fail(w, http.StatusRequestEntityTooLarge, "PayloadTooLarge", "request entity too large")
		return false
	}
	if err != nil {
		badRequest(w, "InvalidRequest", "Input is not valid: %v", err)
		return false
	}
	return true
}

func limitHeaders(h http.Header, s ratelimit.State) {
	h.Set("RateLimit-Limit", strconv.Itoa(s.Limit))
	h.Set("RateLimit-Remaining", strconv.Itoa(s.Remaining))
	h.Set("RateLimit-Reset", strconv.FormatInt(s.Reset.Unix(), 10))
	h.Set("RateLimit-Policy", fmt.Sprintf("%d;w=%d", s.Limit, int(ratelimit.Window.Seconds())))
}

func (a *API) rateLimited(w http.ResponseWriter, retryAfter time.Duration) {
	seconds := int(max(time.Second, retryAfter+time.Second-1) / time.Second)
	w.Header().Set("RateLimit-Remaining", "0")
	w.Header().Set("RateLimit-Reset", strconv.FormatInt(a.Now().Unix()+int64(seconds), 10))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	fail(w, http.StatusTooManyRequests, "RateLimitExceeded", "Rate Limit Exceeded")
}

func (a *API) dialect() fault.Dialect {
	return fault.Dialect{
		RateLimited: a.rateLimited,
		ServerError: func(w http.ResponseWriter, status int) {
			fail(w, status, "InternalServerError", "Internal Server Error")
		},
		DeadToken: func(w http.ResponseWriter, variant string) {
			if variant == "expired" {
				badRequest(w, "ExpiredToken", "Token has expired")
				return
			}
			badRequest(w, "InvalidToken", "Token could not be verified")
		},
	}
}
