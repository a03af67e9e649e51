package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/sandbox"
)

func TestMastodonStatusRoundTrip(t *testing.T) {
	p := start(t)
	me := p.call("GET", "/api/v1/accounts/verify_credentials", fediToken, nil)
	require.Equal(t, fediID, me.text("id"))
	require.Equal(t, true, me.body["bot"])

	posted := p.toot(map[string]any{
		"status":       "One & <two>\nthree\n\nSee https://a.example/a/very/long/path/to/something?x=1. #Coffee",
		"spoiler_text": "brew", "visibility": "unlisted", "language": "de",
	})
	require.Equal(t, 200, posted.status, posted.raw)
	require.Equal(t, `<p>One &amp; &lt;two&gt;<br>three</p><p>See <a href="https://a.example/a/very/long/path/to/something?x=1" target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">https://</span><span class="ellipsis">a.example/a/very/long/path/to/</span><span class="invisible">something?x=1</span></a>. <a href="`+p.url+`/tags/Coffee" class="mention hashtag" rel="tag">#<span>Coffee</span></a></p>`, posted.text("content"))
	require.Equal(t, []any{"brew", true, "unlisted", "de"}, []any{posted.body["spoiler_text"], posted.body["sensitive"], posted.body["visibility"], posted.body["language"]})

	id := posted.text("id")
	p.control("POST", "engage", map[string]any{"post": id, "likes": 2, "reposts": 1, "replies": 3})
	read := p.call("GET", "/api/v1/statuses/"+id, fediToken, nil)
	require.Equal(t, []any{2.0, 1.0, 3.0}, []any{read.body["favourites_count"], read.body["reblogs_count"], read.body["replies_count"]})
	require.Equal(t, 302, p.call("GET", strings.TrimPrefix(posted.text("url"), p.url), "", nil).status)

	require.Equal(t, 404, p.call("DELETE", "/api/v1/statuses/"+id, "south-for-tests", nil).status, "only the author deletes")
	gone := p.call("DELETE", "/api/v1/statuses/"+id, fediToken, nil)
	require.Contains(t, gone.text("text"), "One & <two>")
	missing := p.call("GET", "/api/v1/statuses/"+id, fediToken, nil)
	require.Equal(t, 404, missing.status)
	require.Equal(t, "Record not found", missing.text("error"))

	form := p.toot("status=from+a+form&sensitive=true")
	require.Equal(t, 200, form.status)
	require.Equal(t, true, form.body["sensitive"])
}

func TestMastodonRefusals(t *testing.T) {
	p := start(t)
	for name, token := range map[string]string{"none": "", "wrong": "nonsense"} {
		got := p.call("POST", "/api/v1/statuses", token, map[string]string{"status": "x"})
		require.Equal(t, 401, got.status, name)
		require.Equal(t, "The access token is invalid", got.text("error"), name)
	}
	link := "https://a.example/" + strings.Repeat("x", 400)
	cases := map[string]struct {
		body   map[string]any
		status int
		want   string
	}{
		"blank":          {map[string]any{"status": "  "}, 422, "Text can't be blank"},
		"501 characters": {map[string]any{"status": strings.Repeat("é", 501)}, 422, "character limit of 500"},
		"with spoiler":   {map[string]any{"status": strings.Repeat("é", 499), "spoiler_text": "ab"}, 422, "character limit of 500"},
		"link counts 23": {map[string]any{"status": strings.Repeat("é", 476) + " " + link}, 200, ""},
		"24 too many":    {map[string]any{"status": strings.Repeat("é", 477) + " " + link}, 422, "character limit of 500"},
		"visibility":     {map[string]any{"status": "x", "visibility": "friends"}, 422, "Visibility is not included"},
		"language":       {map[string]any{"status": "x", "language": "Klingon"}, 422, "Language"},
		"unknown media":  {map[string]any{"status": "x", "media_ids": []string{"99"}}, 422, "Media 99 not found"},
		"five media":     {map[string]any{"status": "x", "media_ids": []string{"1", "2", "3", "4", "5"}}, 422, "more than 4 files"},
		"poll":           {map[string]any{"status": "x", "poll": map[string]any{}}, 422, "polls"},
	}
	for name, c := range cases {
		got := p.toot(c.body)
		require.Equal(t, c.status, got.status, "%s: %s", name, got.raw)
		require.Contains(t, got.text("error"), c.want, name)
	}
	require.Equal(t, 1, p.creations())
}

func TestMastodonIdempotencyKey(t *testing.T) {
	body := map[string]any{"status": "once"}
	t.Run("honoured for an hour", func(t *testing.T) {
		p := start(t)
		first, second := p.toot(body, "Idempotency-Key", "k1"), p.toot(body, "Idempotency-Key", "k1")
		require.Equal(t, first.text("id"), second.text("id"))
		require.NotEqual(t, first.text("id"), p.toot(body, "Idempotency-Key", "k2").text("id"))
		other := p.call("POST", "/api/v1/statuses", "south-for-tests", body, "Idempotency-Key", "k1")
		require.NotEqual(t, first.text("id"), other.text("id"), "keys belong to an account")
		p.clock.advance(time.Hour)
		require.NotEqual(t, first.text("id"), p.toot(body, "Idempotency-Key", "k1").text("id"))
		effects := p.control("GET", "effects?account="+fediID, nil)
		require.Equal(t, 1.0, effects.body["doubled_keys"])
		require.Equal(t, 1.0, effects.body["doubled_texts"])
		require.Equal(t, 2.0, effects.body["by_key"].([]any)[0].(map[string]any)["creations"])
	})
	t.Run("ignored as GoToSocial does", func(t *testing.T) {
		p := start(t, func(c *sandbox.Config) { c.Mastodon.IgnoreIdempotencyKey = true })
		first := p.toot(body, "Idempotency-Key", "k1").text("id")
		require.NotEqual(t, first, p.toot(body, "Idempotency-Key", "k1").text("id"))
	})
	t.Run("with media", func(t *testing.T) {
		p := start(t)
		media := p.uploadMedia(picture(t), "a dot").text("id")
		with := map[string]any{"status": "once", "media_ids": []string{media}}
		first := p.toot(with, "Idempotency-Key", "k1")
		require.Equal(t, 200, first.status, first.raw)
		require.Equal(t, first.text("id"), p.toot(with, "Idempotency-Key", "k1").text("id"))
		require.Equal(t, 422, p.toot(with, "Idempotency-Key", "k2").status, "an upload belongs to one post")
	})
}

func TestMastodonMedia(t *testing.T) {
	p := start(t)
	up := p.uploadMedia(picture(t), "a dot")
	require.Equal(t, 200, up.status, up.raw)
	id := up.text("id")
	require.Equal(t, "image", up.text("type"))
	changed := p.call("PUT", "/api/v1/media/"+id, fediToken, "description=two+dots")
	require.Equal(t, "two dots", changed.text("description"))
	require.Equal(t, 404, p.call("GET", "/api/v1/media/"+id, "south-for-tests", nil).status)
	require.Equal(t, 422, p.uploadMedia([]byte("<html>not an image"), "").status)
	require.Equal(t, 422, p.uploadMedia(picture(t), strings.Repeat("x", 1501)).status)

	posted := p.toot(map[string]any{"status": "", "media_ids": []string{id}})
	require.Equal(t, 200, posted.status, posted.raw)
	attachment := posted.body["media_attachments"].([]any)[0].(map[string]any)
	require.Equal(t, "two dots", attachment["description"])
	shown := p.call("GET", strings.TrimPrefix(attachment["url"].(string), p.url), "", nil)
	require.Equal(t, string(picture(t)), shown.raw, "bytes survive, and with them any XMP")
	require.Equal(t, "nosniff", shown.header.Get("X-Content-Type-Options"))

	p.fault(map[string]any{"kind": "media_processing", "delay_ms": 5000})
	slow := p.uploadMedia(picture(t), "")
	require.Equal(t, 202, slow.status)
	require.Nil(t, slow.body["url"])
	require.Equal(t, 206, p.call("GET", "/api/v1/media/"+slow.text("id"), fediToken, nil).status)
	require.Equal(t, 422, p.toot(map[string]any{"status": "x", "media_ids": []string{slow.text("id")}}).status)
	p.clock.advance(5 * time.Second)
	require.Equal(t, 200, p.call("GET", "/api/v1/media/"+slow.text("id"), fediToken, nil).status)
}

func TestMastodonAccountStatuses(t *testing.T) {
	p := start(t)
	var ids []string
	for range 5 {
		ids = append(ids, p.toot(map[string]any{"status": "n"}).text("id"))
	}
	p.toot(map[string]any{"status": "hidden", "visibility": "private"})
	list := func(query, token string) (got []string) {
		r := p.call("GET", "/api/v1/accounts/"+fediID+"/statuses"+query, token, nil)
		require.Equal(t, 200, r.status, r.raw)
		for _, s := range decodeList(t, r.raw) {
			got = append(got, s["id"].(string))
		}
		return got
	}
	require.Equal(t, []string{ids[4], ids[3], ids[2], ids[1], ids[0]}, list("", ""))
	require.Len(t, list("", fediToken), 6, "the author sees the private one too")
	require.Equal(t, []string{ids[4], ids[3]}, list("?limit=2", ""))
	require.Equal(t, []string{ids[1], ids[0]}, list("?max_id="+ids[2], ""))
	require.Equal(t, []string{ids[4]}, list("?limit=1&since_id="+ids[0], ""), "since_id: the newest above")
	require.Equal(t, []string{ids[2], ids[1]}, list("?limit=2&min_id="+ids[0], ""), "min_id: those right above")
	require.Equal(t, 404, p.call("GET", "/api/v1/accounts/7/statuses", "", nil).status)
	link := p.call("GET", "/api/v1/accounts/"+fediID+"/statuses?limit=1", "", nil).header.Get("Link")
	require.Contains(t, link, "max_id="+ids[4]+`>; rel="next"`)
}

func TestMastodonInstanceTellsItsLimits(t *testing.T) {
	p := start(t, func(c *sandbox.Config) { c.Mastodon.MaxCharacters = 5000; c.RateLimits.MastodonRequests = 2 })
	got := p.call("GET", "/api/v2/instance", fediToken, nil)
	statuses := got.body["configuration"].(map[string]any)["statuses"].(map[string]any)
	require.Equal(t, 5000.0, statuses["max_characters"])
	require.Equal(t, 4.0, statuses["max_media_attachments"])
	require.Equal(t, "1", got.header.Get("X-RateLimit-Remaining"))
	require.Equal(t, 200, p.toot(map[string]any{"status": strings.Repeat("x", 5000)}).status)
	refused := p.toot(map[string]any{"status": "x"})
	require.Equal(t, 429, refused.status)
	require.Empty(t, refused.header.Get("Retry-After"))
	require.Equal(t, "2026-11-22T09:05:00.000Z", refused.header.Get("X-RateLimit-Reset"))
}
