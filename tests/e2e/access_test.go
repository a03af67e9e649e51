package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/tests/internal/world"
)

// tokens: expired, forged and missing ones are refused alike, whoever signed.
func tokens(t *testing.T, w *world.World) {
	genuine := claimsOf(t, w.Token("rafael"))
	key, kid := providerKey(t, w)
	list := func(token string) error {
		_, err := w.WithToken(token).ListReviews(t.Context(), &platformv1.ListReviewsRequest{})
		return err
	}
	require.NoError(t, list(sign(t, key, kid, genuine)), "a token made like the provider's must pass, or the rest proves nothing")
	expired := claimsOf(t, w.Token("rafael"))
	expired["iat"], expired["exp"] = time.Now().Add(-time.Hour).Unix(), time.Now().Add(-45*time.Minute).Unix()
	elsewhere := claimsOf(t, w.Token("rafael"))
	elsewhere["aud"] = "somewhere-else"
	admin := claimsOf(t, w.Token("rafael"))
	admin["sub"] = "sub-nobody"
	for name, token := range map[string]string{
		"expired": sign(t, key, kid, expired), "for another audience": sign(t, key, kid, elsewhere),
		"cut": w.Token("rafael")[:len(w.Token("rafael"))-8] + "AAAAAAAA", "none": "", "a service's on the people's API": w.Token("chimera-worker"),
	} {
		refused(t, list(token), typev1.Reason_REASON_UNAUTHENTICATED, typev1.Reason_REASON_PERMISSION_DENIED)
		_ = name
	}
	refused(t, list(sign(t, key, kid, admin)), typev1.Reason_REASON_PERMISSION_DENIED)
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	require.NoError(t, err)
	var claims map[string]any
	require.NoError(t, parsed.UnsafeClaimsWithoutVerification(&claims))
	return claims
}

// providerKey is the provider's own signing key: with it even a genuine signature must not save a wrong token.
func providerKey(t *testing.T, w *world.World) (any, string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.OIDC.Dir, "keys.json"))
	require.NoError(t, err)
	var keys struct {
		JWKS jose.JSONWebKeySet `json:"jwks"`
	}
	require.NoError(t, json.Unmarshal(raw, &keys))
	return keys.JWKS.Keys[0].Key, keys.JWKS.Keys[0].KeyID
}

func sign(t *testing.T, key any, kid string, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithType("at+jwt").WithHeader("kid", kid))
	require.NoError(t, err)
	token, err := jwt.Signed(signer).Claims(claims).Serialize() //nolint:misspell // the library spells it so
	require.NoError(t, err)
	return token
}

// otherTenant: another tenant's ids answer like ids that do not exist, word for word, and are told.
func otherTenant(t *testing.T, w *world.World) {
	r := w.Launch(t, world.Options{})
	review := r.Reviews(t, 1)[0]
	boris := w.As("boris")
	before := count(events(t, w, "boris"), "cross_tenant_id")
	nobody := uuid.Must(uuid.NewV7()).String()
	for name, call := range map[string]func(id string) error{
		"GetReview": func(id string) error {
			_, err := boris.GetReview(t.Context(), &platformv1.GetReviewRequest{ReviewId: id})
			return err
		},
		"ApproveReview": func(id string) error {
			_, err := boris.ApproveReview(t.Context(), &platformv1.ApproveReviewRequest{ReviewId: id, StateVersion: review.GetStateVersion(), PayloadSha256: review.GetPayloadSha256()})
			return err
		},
	} {
		foreign, missing := call(review.GetId()), call(nobody)
		require.Equal(t, plain(t, missing), plain(t, foreign), name)
		refused(t, foreign, typev1.Reason_REASON_NOT_FOUND)
	}
	_, err := boris.CreateCampaign(t.Context(), &platformv1.CreateCampaignRequest{
		AgentId: r.AgentID, AccountIds: []string{r.Accounts[0].GetId()}, Name: "theirs", Goal: "theirs", Playbook: "trend-post",
		Parameters: r.Campaign.GetParameters(),
	})
	refused(t, err, typev1.Reason_REASON_NOT_FOUND)
	world.Eventually(t, 10*time.Second, "security events of foreign ids", func() bool { return len(foreignEvents(t, w)) > before })
	ctx := world.WithHeader(t.Context(), "chimera-tenant", "aurora")
	_, err = boris.ListReviews(ctx, &platformv1.ListReviewsRequest{})
	refused(t, err, typev1.Reason_REASON_PERMISSION_DENIED)
	require.Equal(t, review.GetStateVersion(), r.Reviews(t, 1)[0].GetStateVersion(), "nothing of it changed the review")
	own := w.Launch(t, world.Options{Tenant: "borealis"})
	own.ApproveAll(t)
	r.ApproveAll(t)
	own.Completed(t)
	r.Completed(t)
	clean(t, w, r)
	clean(t, w, own)
}

func foreignEvents(t *testing.T, w *world.World) (found []string) {
	t.Helper()
	for _, kind := range events(t, w, "boris") {
		if kind == "cross_tenant_id" {
			found = append(found, kind)
		}
	}
	return found
}

func plain(t *testing.T, err error) string {
	t.Helper()
	var e *connect.Error
	require.ErrorAs(t, err, &e)
	return e.Code().String() + ": " + e.Message()
}
