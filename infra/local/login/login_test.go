package login_test

import (
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/login"
	"chimera/infra/local/parts/partstest"
)

func TestMain(m *testing.M) { partstest.Main(m) }

type claims struct {
	Subject  string `json:"sub"`
	ClientID string `json:"client_id"`
	Email    string `json:"email"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// verify checks signature, issuer, audience and times as a resource server does.
func verify(t *testing.T, issuer, token string) claims {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), issuer)
	require.NoError(t, err)
	parsed, err := provider.Verifier(&oidc.Config{ClientID: "chimera"}).Verify(t.Context(), token)
	require.NoError(t, err)
	var c claims
	require.NoError(t, parsed.Claims(&c))
	return c
}

func TestPasswordGetsASignedTokenForTheUser(t *testing.T) {
	issuer := partstest.OIDC(t).URL
	token, expiry, err := login.Password(t.Context(), issuer, partstest.CLIClient, "olga", partstest.UserPassword)
	require.NoError(t, err)
	got := verify(t, issuer, token)
	require.Equal(t, "sub-olga", got.Subject)
	require.Equal(t, partstest.CLIClient, got.ClientID)
	require.Equal(t, "olga@example.test", got.Email)
	require.EqualValues(t, 15*60, got.Expires-got.Issued)
	require.WithinDuration(t, time.Now().Add(15*time.Minute), expiry, time.Minute)
	require.Equal(t, "at+jwt", header(t, token)["typ"])
	require.Equal(t, "RS256", header(t, token)["alg"])
}

func TestWrongPasswordAndUnknownUserAreRejectedAlike(t *testing.T) {
	issuer := partstest.OIDC(t).URL
	for _, name := range []string{"vera", "nobody-of-that-name"} {
		token, _, err := login.Password(t.Context(), issuer, partstest.CLIClient, name, "wrong")
		require.ErrorIs(t, err, login.ErrRejected)
		require.Empty(t, token)
	}
}

func TestTooManyFailuresLockTheNameForAWhile(t *testing.T) {
	issuer := partstest.ExclusiveOIDC(t).URL
	for range 10 {
		_, _, err := login.Password(t.Context(), issuer, partstest.CLIClient, "rafael", "wrong")
		require.ErrorIs(t, err, login.ErrRejected)
	}
	_, _, err := login.Password(t.Context(), issuer, partstest.CLIClient, "rafael", partstest.UserPassword)
	require.ErrorIs(t, err, login.ErrRejected, "even the right password must wait")
	_, _, err = login.Password(t.Context(), issuer, partstest.CLIClient, "olga", partstest.UserPassword)
	require.NoError(t, err, "other names are not affected")
}

func TestUnknownClientIsAnErrorThatSaysWhy(t *testing.T) {
	_, _, err := login.Password(t.Context(), partstest.OIDC(t).URL, "no-such-client", "olga", partstest.UserPassword)
	require.ErrorContains(t, err, "invalid_client")
}

func TestClientCredentialsGetsATokenForTheService(t *testing.T) {
	issuer := partstest.OIDC(t).URL
	for _, id := range partstest.ServiceClients {
		token, _, err := login.ClientCredentials(t.Context(), issuer, id, partstest.ClientSecret)
		require.NoError(t, err)
		got := verify(t, issuer, token)
		require.Equal(t, id, got.Subject)
		require.Equal(t, id, got.ClientID)
		require.Empty(t, got.Email)
	}
}

func TestClientCredentialsRejectsAWrongSecretAndAPublicClient(t *testing.T) {
	issuer := partstest.OIDC(t).URL
	_, _, err := login.ClientCredentials(t.Context(), issuer, partstest.WorkerClient, "wrong")
	require.ErrorIs(t, err, login.ErrRejected)
	_, _, err = login.ClientCredentials(t.Context(), issuer, partstest.CLIClient, "")
	require.Error(t, err)
}

func TestTokensStayValidOverARestartOfTheProvider(t *testing.T) {
	server := partstest.ExclusiveOIDC(t)
	token, _, err := login.Password(t.Context(), server.URL, partstest.CLIClient, "olga", partstest.UserPassword)
	require.NoError(t, err)
	require.NoError(t, server.Kill())
	require.NoError(t, server.Start(t.Context()))
	require.Equal(t, "sub-olga", verify(t, server.URL, token).Subject)
}
