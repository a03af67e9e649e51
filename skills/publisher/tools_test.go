package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	internalv1 "chimera/gen/go/chimera/control/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/toolmeta"
	"chimera/skills/internal/skillkit"
	"chimera/skills/internal/skillkit/skillkittest"
)

// harness serves the tools as the field does, with one account on a bench's server.
func harness(t *testing.T, b *bench) (*skillkittest.Harness, string) {
	h := skillkittest.New(t, "publisher", func(_ context.Context, s *skillkit.Server) error { b.pub.tools(s); return nil })
	id := h.Control.AddAccount(&internalv1.Credential{Platform: b.cred.Platform, Handle: b.cred.Handle, BaseUrl: b.cred.BaseURL, Secret: b.cred.Secret.Reveal()})
	return h, id
}

func TestToolSnapshots(t *testing.T) {
	h, _ := harness(t, sandboxBluesky(t))
	skillkittest.Snapshot(t, h.Server, "testdata/tools")
}

// R8.3, R10.6: propose → grant → publish → read → look up → delete, all through MCP.
func TestPostsLifeThroughTheTools(t *testing.T) {
	for name, start := range map[string]func(*testing.T) *bench{"bluesky": sandboxBluesky, "mastodon": func(t *testing.T) *bench { return sandboxMastodon(t) }} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			media, _ := b.picture(t)
			h, id := harness(t, b)
			began := time.Now()
			proposal := skillkittest.Into[Plan](t, h.Call(t, "publish", Post{
				Platform: name, AccountID: id, Text: "Fresh #coffee", Tags: []string{"#coffee", "roast"},
				Langs: []string{"en"}, Media: []Media{{URL: media.URL, Alt: media.Alt}},
			}, skillkittest.DryRun(), skillkittest.Account(id)))
			require.Empty(t, proposal.Violations)
			require.True(t, proposal.Payload.Disclosure.AIGenerated, "silence means AI-generated")
			require.Contains(t, proposal.Payload.Text, "(AI-generated)")
			require.Equal(t, media, proposal.Payload.Media[0], "hash, type and size are filled in")
			require.Equal(t, proposal.Payload.Text, proposal.Preview.Text)
			require.Positive(t, proposal.Preview.Limit)

			// The second proposal of a proposal is itself: nothing is disclosed twice.
			again := skillkittest.Into[Plan](t, h.Call(t, "publish", proposal.Payload, skillkittest.DryRun(), skillkittest.Account(id)))
			require.Equal(t, proposal, again)

			r := h.Execute(t, "publish", proposal.Payload, skillkittest.Account(id))
			require.Equal(t, toolmeta.Done, r.Outcome)
			out := skillkittest.Into[Published](t, r)
			target := Target{Platform: name, AccountID: id, URI: out.URI, RemoteID: out.RemoteID}
			seen := skillkittest.Into[Seen](t, h.Call(t, "read", target, skillkittest.Account(id)))
			require.Equal(t, proposal.Payload.Text, seen.Text)
			if name == "bluesky" {
				require.Equal(t, []string{"ai-generated"}, seen.Labels)
			}
			question := Question{Platform: name, AccountID: id, PlatformKey: out.PlatformKey, Payload: Post(proposal.Payload), SentAt: began.Format(time.RFC3339Nano)}
			require.Equal(t, found, skillkittest.Into[Found](t, h.Call(t, "lookup", question, skillkittest.Account(id))).Outcome)

			plan := skillkittest.Into[RemovalPlan](t, h.Call(t, "delete", target, skillkittest.DryRun(), skillkittest.Account(id)))
			require.Equal(t, proposal.Payload.Text, plan.Preview.Text)
			require.Equal(t, toolmeta.Done, h.Execute(t, "delete", target, skillkittest.Account(id)).Outcome)
			require.False(t, skillkittest.Into[Seen](t, h.Call(t, "read", target, skillkittest.Account(id))).Found)
			require.Equal(t, "exists", skillkittest.Into[RemovalPlan](t, h.Call(t, "delete", target, skillkittest.DryRun(), skillkittest.Account(id))).Violations[0].Rule)
		})
	}
}

func TestDryRunReachesNoPlatform(t *testing.T) {
	b := sandboxMastodon(t)
	h, id := harness(t, b)
	r := h.Call(t, "publish", b.of(id, "a proposal"), skillkittest.DryRun(), skillkittest.Account(id))
	require.Nil(t, r.Err)
	var effects struct{ Total int }
	control(t, b.direct, http.MethodGet, "/_sandbox/effects", nil, &effects)
	require.Zero(t, effects.Total)
}

func (b *bench) of(id, text string) Post {
	return Post{Platform: b.cred.Platform, AccountID: id, Text: text, Langs: []string{"en"}}
}

func TestProposalNamesEveryViolation(t *testing.T) {
	b := sandboxMastodon(t)
	h, id := harness(t, b)
	in := b.of(id, strings.Repeat("a", 480))
	in.Tags, in.Visibility, in.SelfLabels = []string{"two words", "averylongtag"}, "direct", []string{"x"}
	plan := skillkittest.Into[Plan](t, h.Call(t, "publish", in, skillkittest.DryRun(), skillkittest.Account(id)))
	rules := make([]string, 0, len(plan.Violations))
	for _, v := range plan.Violations {
		rules = append(rules, v.Rule)
	}
	require.Equal(t, []string{"visibility", "self_labels", "tag", "max_chars"}, rules, "the disclosure counts towards the limit")
}

// R10.5: what was not proposed with its disclosure cannot be published, even with a grant for it.
func TestGrantedPostMustBeTheProposal(t *testing.T) {
	b := sandboxBluesky(t)
	media, _ := b.picture(t)
	h, id := harness(t, b)
	whole := skillkittest.Into[Plan](t, h.Call(t, "publish", b.of(id, "hello"), skillkittest.DryRun(), skillkittest.Account(id))).Payload

	bare := whole
	bare.Text, bare.SelfLabels = "hello", []string{}
	unbound := whole
	unbound.Media = []Media{{URL: media.URL, MIME: "image/png", Alt: "no hash"}}
	changed := whole
	changed.Media = []Media{media}
	changed.Media[0].SHA256 = strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		payload Payload
		want    typev1.Reason
	}{
		"without its disclosure": {bare, typev1.Reason_REASON_POLICY_VIOLATION},
		"image without a hash":   {unbound, typev1.Reason_REASON_GRANT_MISMATCH},
		"other image bytes":      {changed, typev1.Reason_REASON_GRANT_MISMATCH},
	} {
		t.Run(name, func(t *testing.T) {
			r := h.Execute(t, "publish", c.payload, skillkittest.Account(id))
			require.Equal(t, toolmeta.NotDone, r.Outcome)
			require.Equal(t, c.want, r.Err.Reason, "%v", r.Err)
		})
	}
}

func TestAccountsAreNotMixed(t *testing.T) {
	b := sandboxBluesky(t)
	h, id := harness(t, b)
	r := h.Call(t, "publish", b.of(uuid.NewString(), "x"), skillkittest.DryRun(), skillkittest.Account(id))
	require.Equal(t, errs.Invalid, r.Err.Kind)
	other := b.of(id, "x")
	other.Platform = "mastodon"
	r = h.Call(t, "publish", other, skillkittest.DryRun(), skillkittest.Account(id))
	require.Equal(t, errs.Invalid, r.Err.Kind)
	_, err := b.pub.permitted(b.permit(newKey(), 1), "bluesky", uuid.NewString())
	require.Equal(t, typev1.Reason_REASON_GRANT_MISMATCH, errs.ReasonOf(err))
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	b := sandboxMastodon(t)
	b.pub = newPublisher(config{}, time.Now)
	h, id := harness(t, b)
	r := h.Call(t, "publish", b.of(id, "x"), skillkittest.DryRun(), skillkittest.Account(id))
	require.Equal(t, typev1.Reason_REASON_ADDRESS_REFUSED, r.Err.Reason, "%v", r.Err)
}

// The sandbox's own faults, through the tools: outcome and reason of each.
func TestFaultsHaveTheirOutcome(t *testing.T) {
	for _, c := range []struct {
		platform string
		fault    map[string]any
		outcome  toolmeta.Outcome
		reason   typev1.Reason
	}{
		{"bluesky", map[string]any{"kind": "rate_limit", "op": "post.create", "retry_after_s": 7}, toolmeta.NotDone, typev1.Reason_REASON_RATE_LIMITED},
		{"mastodon", map[string]any{"kind": "rate_limit", "op": "post.create", "retry_after_s": 7}, toolmeta.NotDone, typev1.Reason_REASON_RATE_LIMITED},
		{"bluesky", map[string]any{"kind": "dead_token", "op": "post.create", "variant": "expired", "count": 9}, toolmeta.NotDone, typev1.Reason_REASON_CREDENTIAL_DEAD},
		{"mastodon", map[string]any{"kind": "dead_token", "op": "post.create", "count": 9}, toolmeta.NotDone, typev1.Reason_REASON_CREDENTIAL_DEAD},
		{"bluesky", map[string]any{"kind": "error_500_before", "op": "post.create"}, toolmeta.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN},
		{"mastodon", map[string]any{"kind": "error_500_before", "op": "post.create"}, toolmeta.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN},
		{"mastodon", map[string]any{"kind": "drop_after_success", "op": "post.create"}, toolmeta.Unknown, typev1.Reason_REASON_OUTCOME_UNKNOWN},
		{"bluesky", map[string]any{"kind": "drop_after_success", "op": "post.create"}, toolmeta.Done, 0},
		{"bluesky", map[string]any{"kind": "dead_token", "op": "post.create", "variant": "expired", "count": 1}, toolmeta.Done, 0},
		{"mastodon", map[string]any{"kind": "media_processing", "op": "media.upload", "delay_ms": 700}, toolmeta.Done, 0},
	} {
		t.Run(c.platform+" "+c.fault["kind"].(string), func(t *testing.T) {
			b := sandboxBluesky(t)
			if c.platform == "mastodon" {
				b = sandboxMastodon(t)
			}
			media, _ := b.picture(t)
			h, id := harness(t, b)
			in := b.of(id, "hello")
			in.Media = []Media{media}
			whole := skillkittest.Into[Plan](t, h.Call(t, "publish", in, skillkittest.DryRun(), skillkittest.Account(id))).Payload
			b.fault(t, c.fault)
			r := h.Execute(t, "publish", whole, skillkittest.Account(id))
			require.Equal(t, c.outcome, r.Outcome, "%v", r.Err)
			if c.outcome == toolmeta.Done {
				require.Nil(t, r.Err)
				return
			}
			require.Equal(t, c.reason, r.Err.Reason)
			if c.reason == typev1.Reason_REASON_RATE_LIMITED {
				require.InDelta(t, 7, r.Err.RetryAfter.Seconds(), 2)
			}
		})
	}
}

// Not being able to look before a resend is not knowing, never "not done".
func TestResendWithoutLookIsUnknown(t *testing.T) {
	for _, b := range []*bench{sandboxBluesky(t), sandboxMastodon(t)} {
		op := map[string]string{"bluesky": "post.get", "mastodon": "post.list"}[b.cred.Platform]
		b.fault(t, map[string]any{"kind": "error_500_before", "op": op})
		_, err := b.try(t.Context(), b.payload("x"), newKey(), 2)
		require.Equal(t, errs.Unknown, errs.KindOf(err))
		var effects struct{ Total int }
		control(t, b.direct, http.MethodGet, "/_sandbox/effects", nil, &effects)
		require.Zero(t, effects.Total, "nothing may be sent")
	}
}

func TestPayloadKeepsTheContractsNames(t *testing.T) {
	raw, err := json.Marshal(complete(Post{Platform: "bluesky", AccountID: "a", Text: "t"}))
	require.NoError(t, err)
	require.JSONEq(t, `{"platform":"bluesky","account_id":"a","text":"t","langs":[],"media":[],"content_warning":"","visibility":"public",
		"self_labels":[],"tags":[],"disclosure":{"ai_generated":true,"method":"unspecified"}}`, string(raw))
}
