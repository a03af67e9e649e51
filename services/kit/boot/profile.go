package boot

import (
	"net/http"
	"net/http/pprof"
	"os"
	"strconv"
)

// profiling serves runtime profiles when CHIMERA_PROFILING says so. It is off by default even on the operators'
// address: a heap profile may hold whatever the process holds, and a CPU profile slows it down.
func profiling(mux *http.ServeMux) {
	if on, _ := strconv.ParseBool(os.Getenv("CHIMERA_PROFILING")); !on {
		return
	}
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}
