package boot_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/boot"
)

func TestProfilesAreServedOnlyWhenAskedFor(t *testing.T) { // R11.4
	for value, want := range map[string]int{"": http.StatusNotFound, "false": http.StatusNotFound, "yes please": http.StatusNotFound, "true": http.StatusOK} {
		t.Setenv("CHIMERA_PROFILING", value)
		ops := httptest.NewServer(boot.Ops(func(context.Context) error { return nil }))
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1"} {
			res, err := http.Get(ops.URL + path)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, want, res.StatusCode, "%q %s", value, path)
		}
		ops.Close()
	}
}
