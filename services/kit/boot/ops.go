package boot

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"chimera/services/kit/secret"
)

// readyTimeout is under the probe's own, so that the probe sees the reason and not a silence.
const readyTimeout = 2 * time.Second

// Ops serves /healthz (the process answers), /readyz (ready says so within 2 s, else 503 and why) and /metrics
// (Prometheus' default registry), with CHIMERA_PROFILING set /debug/pprof too. It is for operators: bind it where users cannot reach it.
func Ops(ready func(context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, nil) })
	mux.Handle("GET /readyz", readiness(ready))
	mux.Handle("GET /metrics", promhttp.Handler())
	profiling(mux)
	return mux
}

func readiness(ready func(context.Context) error) http.HandlerFunc {
	// One question at a time: a check that hangs must not pile up with every probe.
	asking := make(chan struct{}, 1)
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		select {
		case asking <- struct{}{}:
		case <-ctx.Done():
			answer(w, errors.New("an earlier readiness check has still not answered"))
			return
		}
		said := make(chan error, 1)
		go func() {
			defer func() { <-asking }()
			said <- ready(ctx)
		}()
		select {
		case err := <-said:
			answer(w, err)
		case <-ctx.Done():
			answer(w, errors.New("the readiness check did not answer within 2 s"))
		}
	}
}

func answer(w http.ResponseWriter, err error) {
	body := struct {
		OK     bool   `json:"ok"`
		Reason string `json:"reason,omitempty"`
	}{OK: err == nil}
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		body.Reason = secret.Process().RedactString(err.Error())
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(body)
}
