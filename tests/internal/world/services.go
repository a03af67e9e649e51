package world

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/gen/go/chimera/control/v1/internalv1connect"
	"chimera/infra/local/login"
)

// Skills is the inner API as one of the skills calls it, with that skill's own identity.
func (w *World) Skills(t testing.TB, skill string) internalv1connect.SkillServiceClient {
	t.Helper()
	token, _, err := login.ClientCredentials(t.Context(), w.OIDC.URL, skillClient(skill), w.secrets.get("client secret of "+skill))
	require.NoError(t, err)
	return internalv1connect.NewSkillServiceClient(&http.Client{Transport: bearer(token), Timeout: 20 * time.Second}, w.InternalURL())
}
