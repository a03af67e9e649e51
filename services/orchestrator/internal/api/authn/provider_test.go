package authn_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/infra/local/login"
	"chimera/infra/local/parts/partstest"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/api/authn"
)

func TestMain(m *testing.M) { partstest.Main(m) }

// TestTokensOfARealProvider: people by login with PKCE, services by client credentials (R13.2), at a provider
// that we did not write.
func TestTokensOfARealProvider(t *testing.T) {
	issuer := partstest.OIDC(t).URL
	v, err := authn.New(authn.Config{Issuer: issuer, People: []string{partstest.CLIClient}, Workers: []string{partstest.WorkerClient}})
	require.NoError(t, err)

	person, _, err := login.Password(t.Context(), issuer, partstest.CLIClient, partstest.Users[0], partstest.UserPassword)
	require.NoError(t, err)
	id, err := v.Verify(t.Context(), bearer(person))
	require.NoError(t, err)
	require.True(t, id.Expires.After(time.Now()))
	id.Expires = time.Time{}
	require.Equal(t, authn.Identity{Subject: "sub-" + partstest.Users[0], Email: partstest.Users[0] + "@example.test", Name: partstest.Users[0], ClientID: partstest.CLIClient}, id)

	worker, _, err := login.ClientCredentials(t.Context(), issuer, partstest.WorkerClient, partstest.ClientSecret)
	require.NoError(t, err)
	id, err = v.Verify(t.Context(), bearer(worker))
	require.NoError(t, err)
	require.Equal(t, typev1.Permission_PERMISSION_WORKER, id.Service)

	unlisted, _, err := login.ClientCredentials(t.Context(), issuer, "chimera-skill-trends", partstest.ClientSecret)
	require.NoError(t, err)
	_, err = v.Verify(t.Context(), bearer(unlisted))
	require.Equal(t, errs.Unauthenticated, errs.KindOf(err), "a genuine token of a client that is not on the list")
}
