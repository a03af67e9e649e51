package authn_test

import (
	"context"
	"crypto"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/errs"
	"chimera/services/kit/fuzztest"
	"chimera/services/orchestrator/internal/api/apitest/issuer"
	"chimera/services/orchestrator/internal/api/authn"
)

// FuzzClaims signs any header and claims with the issuer's own key (R13.2): what is accepted has one audience, a
// listed client, a subject and times that hold. ISS stands for the issuer, whose address changes by process.
func FuzzClaims(f *testing.F) {
	is := issuer.New(f)
	at := time.Unix(1_790_000_000, 0)
	v, err := authn.New(authn.Config{Issuer: is.URL, People: []string{"chimera-cli"}, Workers: []string{"chimera-worker"}, Now: func() time.Time { return at }})
	require.NoError(f, err)
	const header, claims = `{"alg":"EdDSA","kid":"EdDSA","typ":"at+jwt"}`, `{"iss":"ISS","aud":"chimera","sub":"ada","client_id":"chimera-cli","iat":1789999990,"exp":1790000300}`
	f.Add(header, claims)
	f.Add(header, `{"iss":"ISS","aud":["chimera","x"],"sub":"chimera-worker","azp":"chimera-worker","iat":1e300,"exp":1e300,"nbf":-1}`)
	f.Add(`{"alg":"EdDSA","ALG":"none","kid":"EdDSA","typ":"at+jwt"}`, claims)
	f.Add(header, strings.Repeat("[", 2000))
	key, url := is.Signer("EdDSA"), is.URL
	verify := func(ctx context.Context, header, claims string) (authn.Identity, error) {
		input := b64(header) + "." + b64(strings.ReplaceAll(claims, "ISS", url))
		signature, err := key.Sign(nil, []byte(input), crypto.Hash(0))
		if err != nil {
			return authn.Identity{}, err
		}
		return v.Verify(ctx, bearer(input+"."+b64(string(signature))))
	}
	_, err = verify(f.Context(), header, claims)
	require.NoError(f, err, "without a good seed nothing behind the signature is reached")
	f.Fuzz(func(t *testing.T, header, claims string) {
		defer fuzztest.Bound(t)()
		id, err := verify(t.Context(), header, claims)
		if err != nil {
			require.Equal(t, errs.Unauthenticated, errs.KindOf(err), "%v", err)
			return
		}
		claims = strings.ReplaceAll(claims, "ISS", url)
		var c struct {
			Aud      any      `json:"aud"`
			Subject  string   `json:"sub"`
			Exp, Iat *float64 `json:",omitempty"`
		}
		require.NoError(t, json.Unmarshal([]byte(claims), &c))
		require.Equal(t, c.Subject, id.Subject)
		require.NotEmpty(t, id.Subject)
		require.Contains(t, []string{"chimera-cli", "chimera-worker"}, id.ClientID)
		require.Equal(t, id.Person(), id.ClientID == "chimera-cli")
		require.Greater(t, *c.Exp, float64(at.Unix()))
	})
}

// FuzzToken sends any bytes as the authorization: nothing that the issuer did not sign is let in.
func FuzzToken(f *testing.F) {
	is := issuer.New(f)
	v, err := authn.New(authn.Config{Issuer: is.URL, People: []string{"chimera-cli"}})
	require.NoError(f, err)
	f.Add("Bearer " + is.Token(is.Claims("ada")))
	f.Add("bearer " + b64(`{"alg":"none","typ":"at+jwt"}`) + "." + b64(`{}`) + ".")
	f.Add("Bearer " + b64(`{"alg":"RS256","kid":"x","typ":"at+jwt","jwk":{}}`) + ".." + strings.Repeat("A", 9000))
	mine := is.Token(is.Claims("ada"))
	f.Fuzz(func(t *testing.T, authorization string) {
		defer fuzztest.Bound(t)()
		if strings.Contains(authorization, mine) {
			return
		}
		_, err := v.Verify(t.Context(), []string{authorization})
		// The seed corpus holds a genuine token of this very process when no fuzzing goes on.
		if err == nil {
			require.Equal(t, 2, strings.Count(authorization, "."))
			return
		}
		require.Equal(t, errs.Unauthenticated, errs.KindOf(err))
	})
}
