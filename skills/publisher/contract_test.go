package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/skills/internal/bluesky"
	"chimera/skills/internal/skillkit"
)

// The one contract suite: what the publisher relies on must hold on the sandbox and on a real server.
func TestContractBlueskySandbox(t *testing.T) {
	b := sandboxBluesky(t)
	contract(t, b)
	blueskyContract(t, b)
	noDoubles(t, b)
}

func TestContractBlueskyPDS(t *testing.T) {
	b := realBluesky(t)
	contract(t, b)
	blueskyContract(t, b)
	t.Run("without an AppView nothing is counted, and it says so", func(t *testing.T) {
		out, err := b.try(t.Context(), b.payload("uncounted"), newKey(), 1)
		require.NoError(t, err)
		_, err = b.site.(blueskySite).client.Counts(t.Context(), blueskyAccount(b.cred), []string{out.URI})
		require.ErrorIs(t, err, bluesky.ErrNoAppView)
	})
}

func TestContractMastodonSandbox(t *testing.T) {
	b := sandboxMastodon(t)
	contract(t, b)
	noDoubles(t, b)
}

// A server that ignores the Idempotency-Key, as some do: the look-up alone must keep posts single.
func TestContractMastodonWithoutKeys(t *testing.T) {
	b := sandboxMastodon(t, ignoreKeys)
	contract(t, b)
	noDoubles(t, b)
}

// noDoubles asks the platform itself, not our own answers.
func noDoubles(t *testing.T, b *bench) {
	var effects struct {
		Total        int `json:"total"`
		DoubledKeys  int `json:"doubled_keys"`
		DoubledTexts int `json:"doubled_texts"`
	}
	control(t, b.direct, http.MethodGet, "/_sandbox/effects", nil, &effects)
	require.Positive(t, effects.Total)
	require.Zero(t, effects.DoubledKeys)
	require.Zero(t, effects.DoubledTexts)
}

func contract(t *testing.T, b *bench) {
	t.Run("what is read back is what was published", func(t *testing.T) {
		p := b.payload("Grüße 👩‍👩‍👧 aus #Köln: https://example.org/a?b=c (lesen!)")
		media, _ := b.picture(t)
		p.Media = []Media{media}
		out, err := b.try(t.Context(), p, newKey(), 1)
		require.NoError(t, err)
		seen := b.read(t, out)
		require.True(t, seen.Found)
		require.Equal(t, p.Text, seen.Text)
		require.Equal(t, []string{"en"}, seen.Langs)
		require.Len(t, seen.Media, 1)
		require.Equal(t, media.Alt, seen.Media[0].Alt)
		require.NotEmpty(t, out.URL)
		at, err := time.Parse(time.RFC3339Nano, out.PublishedAt)
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), at, time.Minute)
	})
	t.Run("what is public is read without a credential", func(t *testing.T) {
		// A task that only proposes has none.
		out, err := b.try(t.Context(), b.payload("for everyone"), newKey(), 1)
		require.NoError(t, err)
		anonymous := b.cred
		anonymous.Secret = secret.String{}
		seen, err := b.site.read(t.Context(), anonymous, Ref{URI: out.URI, RemoteID: out.RemoteID})
		require.NoError(t, err)
		require.Equal(t, "for everyone", seen.Text)
		_, err = b.site.publish(t.Context(), skillkit.Permit{PlatformKey: newKey(), Credential: anonymous}, b.payload("never"), nil)
		require.Equal(t, typev1.Reason_REASON_CREDENTIAL_DEAD, errs.ReasonOf(err))
	})
	t.Run("a second try under the same key adopts", func(t *testing.T) {
		p, key := b.payload("once only"), newKey()
		first, err := b.try(t.Context(), p, key, 1)
		require.NoError(t, err)
		second, err := b.try(t.Context(), p, key, 2)
		require.NoError(t, err)
		require.True(t, second.Adopted)
		require.Equal(t, first.URI, second.URI)
		require.Equal(t, first.CID, second.CID)
	})
	t.Run("too long a text is refused and certainly not published", func(t *testing.T) {
		p := b.payload(strings.Repeat("a", 501))
		_, err := b.site.publish(t.Context(), b.permit(newKey(), 1), p, nil)
		require.Equal(t, errs.Invalid, errs.KindOf(err))
		require.Equal(t, typev1.Reason_REASON_PLATFORM_REJECTED, errs.ReasonOf(err))
	})
	t.Run("deleted is not found, and deleting again is no error", func(t *testing.T) {
		out, err := b.try(t.Context(), b.payload("soon gone"), newKey(), 1)
		require.NoError(t, err)
		ref := Ref{URI: out.URI, RemoteID: out.RemoteID}
		require.NoError(t, b.site.remove(t.Context(), b.cred, ref))
		require.False(t, b.read(t, out).Found)
		require.NoError(t, b.site.remove(t.Context(), b.cred, ref))
	})
	t.Run("look-up", func(t *testing.T) {
		p, key, start := b.payload("look me up"), newKey(), time.Now()
		got, err := b.site.find(t.Context(), b.cred, sent{key, p, start, 0})
		require.NoError(t, err)
		require.Equal(t, absent, got.Outcome)
		got, err = b.site.find(t.Context(), b.cred, sent{key, p, start, time.Minute})
		require.NoError(t, err)
		require.Equal(t, uncertain, got.Outcome, "absence proves nothing before the read lag is over")
		out, err := b.try(t.Context(), p, key, 1)
		require.NoError(t, err)
		got, err = b.site.find(t.Context(), b.cred, sent{key, p, start, 0})
		require.NoError(t, err)
		require.Equal(t, found, got.Outcome)
		require.Equal(t, out.URI, got.URI)
	})
	t.Run("silence after success is unknown and resolved by look-up", func(t *testing.T) {
		b.after(silence)
		resolves(t, b, 2*time.Second)
	})
	t.Run("a lost answer never doubles", func(t *testing.T) {
		b.after(dropAnswer)
		resolves(t, b, 10*time.Second)
	})
	t.Run("a 500 after success never doubles", func(t *testing.T) {
		b.after(answer500)
		resolves(t, b, 10*time.Second)
	})
	t.Run("a refused credential is dead and certainly not published", func(t *testing.T) {
		permit := b.permit(newKey(), 1)
		permit.Credential.Secret = secret.New("not the right one")
		_, err := b.site.publish(t.Context(), permit, b.payload("never"), nil)
		require.Equal(t, errs.Unauthenticated, errs.KindOf(err))
		require.Equal(t, typev1.Reason_REASON_CREDENTIAL_DEAD, errs.ReasonOf(err))
	})
}

// resolves publishes while the answer is spoilt, then does what the orchestrator does: look up, try again.
func resolves(t *testing.T, b *bench, within time.Duration) {
	p, key, start := b.payload("spoilt "+t.Name()), newKey(), time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	out, err := b.try(ctx, p, key, 1)
	if err != nil {
		require.Equal(t, errs.Unknown, errs.KindOf(err), "%v", err)
		require.Equal(t, typev1.Reason_REASON_OUTCOME_UNKNOWN, errs.ReasonOf(err))
	}
	got, lookErr := b.site.find(t.Context(), b.cred, sent{key, p, start, 0})
	require.NoError(t, lookErr)
	require.Equal(t, found, got.Outcome, got.Why)
	if err == nil {
		require.Equal(t, got.URI, out.URI)
	}
	again, err := b.try(t.Context(), p, key, 2)
	require.NoError(t, err)
	require.True(t, again.Adopted)
	require.Equal(t, got.URI, again.URI)
}

func blueskyContract(t *testing.T, b *bench) {
	t.Run("facets, labels and image bytes are kept to the byte", func(t *testing.T) {
		text := "👩‍👩‍👧 #Köln → https://example.org/ä?b=c."
		p := b.payload(text)
		media, data := b.picture(t)
		p.Media, p.SelfLabels, p.Tags = []Media{media}, []string{"ai-generated"}, []string{"köln", "extra"}
		key := newKey()
		out, err := b.try(t.Context(), p, key, 1)
		require.NoError(t, err)
		var stored struct {
			URI   string         `json:"uri"`
			Value bluesky.Record `json:"value"`
		}
		query := url.Values{"repo": {b.cred.Handle}, "collection": {"app.bsky.feed.post"}, "rkey": {key}}
		require.NoError(t, json.Unmarshal(get(t, b.direct+"/xrpc/com.atproto.repo.getRecord?"+query.Encode()), &stored))
		require.Equal(t, out.URI, stored.URI)
		require.Equal(t, []string{"ai-generated"}, stored.Value.LabelValues())
		require.Equal(t, []string{"extra"}, stored.Value.Tags, "a tag in the text is not repeated")
		require.Len(t, stored.Value.Facets, 2)
		marked := func(i int) string { r := stored.Value.Facets[i].Index; return text[r.ByteStart:r.ByteEnd] }
		require.Equal(t, "#Köln", marked(0))
		require.Equal(t, "https://example.org/ä?b=c", marked(1))
		image := stored.Value.Images()[0]
		require.Equal(t, media.SHA256, image.Blob.SHA256())
		require.Equal(t, &bluesky.AspectRatio{Width: 32, Height: 16}, image.AspectRatio)
		did, _, err := bluesky.ParseURI(out.URI)
		require.NoError(t, err)
		blob := url.Values{"did": {did}, "cid": {image.Blob.Ref.Link}}
		require.Equal(t, data, get(t, b.direct+"/xrpc/com.atproto.sync.getBlob?"+blob.Encode()))
	})
	t.Run("301 graphemes are refused, 300 are not", func(t *testing.T) {
		_, err := b.try(t.Context(), b.payload(strings.Repeat("é", 300)), newKey(), 1)
		require.NoError(t, err)
		_, err = b.try(t.Context(), b.payload(strings.Repeat("é", 301)), newKey(), 1)
		require.Equal(t, typev1.Reason_REASON_PLATFORM_REJECTED, errs.ReasonOf(err))
	})
	t.Run("writing the same record again is the same record", func(t *testing.T) {
		key, p := newKey(), b.payload("written twice")
		first, err := b.site.publish(t.Context(), b.permit(key, 1), p, nil)
		require.NoError(t, err)
		second, err := b.site.publish(t.Context(), b.permit(key, 1), p, nil)
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
	t.Run("a key with another post is never overwritten", func(t *testing.T) {
		key := newKey()
		out, err := b.try(t.Context(), b.payload("the first"), key, 1)
		require.NoError(t, err)
		_, err = b.try(t.Context(), b.payload("the second"), key, 1)
		require.Equal(t, errs.Unknown, errs.KindOf(err))
		require.Equal(t, "the first", b.read(t, out).Text)
	})
	t.Run("another account's post cannot be deleted", func(t *testing.T) {
		err := b.site.remove(t.Context(), b.cred, Ref{URI: "at://did:plc:z72i7hdynmk6r22z27h6tvur/app.bsky.feed.post/" + newKey()})
		require.Equal(t, errs.Denied, errs.KindOf(err))
	})
	t.Run("too many logins are throttled with a wait", func(t *testing.T) {
		// A new client each time: one client would rightly not ask again. Limits are 30 in 5 minutes.
		for range 40 {
			fresh := newBench(t, b.direct, b.cred)
			_, err := fresh.site.(blueskySite).client.DID(t.Context(), blueskyAccount(fresh.cred))
			if err == nil {
				continue
			}
			require.Equal(t, errs.Throttled, errs.KindOf(err), "%v", err)
			require.Greater(t, errs.As(err).RetryAfter, time.Second)
			require.LessOrEqual(t, errs.As(err).RetryAfter, 5*time.Minute)
			return
		}
		t.Fatal("40 logins were allowed")
	})
}
