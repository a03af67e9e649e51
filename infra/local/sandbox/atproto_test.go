package sandbox_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/sandbox"
)

func TestBlueskySessions(t *testing.T) {
	p := start(t)
	bad := p.call("POST", "/xrpc/com.atproto.server.createSession", "", map[string]string{"identifier": "north.test", "password": "wrong"})
	require.Equal(t, 401, bad.status)
	require.Equal(t, "AuthenticationRequired", bad.text("error"))

	good := p.call("POST", "/xrpc/com.atproto.server.createSession", "", map[string]string{"identifier": blueskyDID, "password": "app-pass"})
	require.Equal(t, blueskyDID, good.text("did"))
	require.Equal(t, "30", good.header.Get("RateLimit-Limit"), "the login's own, tighter limit shows")

	session := p.call("GET", "/xrpc/com.atproto.server.getSession", p.jwt, nil)
	require.Equal(t, "north.test", session.text("handle"))
	fresh := p.call("POST", "/xrpc/com.atproto.server.refreshSession", good.text("refreshJwt"), nil)
	require.Equal(t, 200, fresh.status)
	require.NotEmpty(t, fresh.text("accessJwt"))

	for name, c := range map[string]struct {
		token  string
		status int
		error  string
	}{
		"none":              {"", 401, "AuthMissing"},
		"garbage":           {"nonsense", 400, "InvalidToken"},
		"tampered":          {p.jwt[:len(p.jwt)-4] + "AAAA", 400, "InvalidToken"},
		"refresh as access": {good.text("refreshJwt"), 400, "InvalidToken"},
	} {
		got := p.call("GET", "/xrpc/com.atproto.server.getSession", c.token, nil)
		require.Equal(t, c.status, got.status, name)
		require.Equal(t, c.error, got.text("error"), name)
	}
	p.clock.advance(2*time.Hour + time.Second)
	late := p.call("GET", "/xrpc/com.atproto.server.getSession", p.jwt, nil)
	require.Equal(t, 400, late.status)
	require.Equal(t, "ExpiredToken", late.text("error"))
}

func TestBlueskyLoginsAreLimited(t *testing.T) {
	p := start(t)
	login := map[string]string{"identifier": "south.test", "password": "other-pass"}
	for range 30 {
		require.Equal(t, 200, p.call("POST", "/xrpc/com.atproto.server.createSession", "", login).status)
	}
	refused := p.call("POST", "/xrpc/com.atproto.server.createSession", "", login)
	require.Equal(t, 429, refused.status)
	require.Equal(t, "RateLimitExceeded", refused.text("error"))
	require.Equal(t, "300", refused.header.Get("Retry-After"))
	require.Equal(t, "30;w=300", refused.header.Get("RateLimit-Policy"))
	p.clock.advance(5 * time.Minute)
	require.Equal(t, 200, p.call("POST", "/xrpc/com.atproto.server.createSession", "", login).status)
}

func TestBlueskyRecordRoundTrip(t *testing.T) {
	p := start(t)
	first := p.put(rkey, record("hello"))
	require.Equal(t, 200, first.status, first.raw)
	require.Equal(t, "at://"+blueskyDID+"/app.bsky.feed.post/"+rkey, first.text("uri"))
	require.Equal(t, "valid", first.text("validationStatus"))
	require.Contains(t, first.body, "commit")

	again := p.put(rkey, record("hello"))
	require.Equal(t, 200, again.status)
	require.Equal(t, first.text("cid"), again.text("cid"))
	require.NotContains(t, again.body, "commit", "same key, same body: no new commit")
	require.Equal(t, 1, p.creations())

	create := p.call("POST", "/xrpc/com.atproto.repo.createRecord", p.jwt, write(rkey, record("hello")))
	require.Equal(t, 500, create.status)
	require.Equal(t, "InternalServerError", create.text("error"))

	changed := p.put(rkey, record("hello, changed"))
	require.NotEqual(t, first.text("cid"), changed.text("cid"))
	require.Equal(t, 1, p.creations(), "an update creates nothing")

	read := p.call("GET", getRecordPath(rkey), "", nil)
	require.Equal(t, changed.text("cid"), read.text("cid"))
	require.Equal(t, "hello, changed", read.body["value"].(map[string]any)["text"])

	require.Equal(t, 200, p.call("POST", "/xrpc/com.atproto.repo.deleteRecord", p.jwt, write(rkey, nil)).status)
	gone := p.call("GET", getRecordPath(rkey), "", nil)
	require.Equal(t, 400, gone.status)
	require.Equal(t, "RecordNotFound", gone.text("error"))
	twice := p.call("POST", "/xrpc/com.atproto.repo.deleteRecord", p.jwt, write(rkey, nil))
	require.Equal(t, 200, twice.status)
	require.NotContains(t, twice.body, "commit")
}

func TestBlueskyRefusesWhatTheLexiconRefuses(t *testing.T) {
	p := start(t)
	facet := func(start, end int) []any {
		return []any{map[string]any{
			"index":    map[string]int{"byteStart": start, "byteEnd": end},
			"features": []any{map[string]string{"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example/"}},
		}}
	}
	images := func(n int, image map[string]any) map[string]any {
		list := make([]any, n)
		for i := range list {
			list[i] = image
		}
		return map[string]any{"$type": "app.bsky.embed.images", "images": list}
	}
	cases := map[string]struct {
		record map[string]any
		want   string
	}{
		"301 graphemes":     {record(strings.Repeat("é", 301)), "Record/text must not be longer than 300 graphemes"},
		"3001 bytes":        {record(strings.Repeat("👨‍👩‍👧‍👧", 121)), "Record/text must not be longer than 3000"},
		"no createdAt":      {record("x", "createdAt", ""), "createdAt"},
		"bad createdAt":     {record("x", "createdAt", "yesterday"), "Record/createdAt"},
		"wrong type":        {record("x", "$type", "app.bsky.feed.like"), "Invalid $type"},
		"facet past end":    {record("héllo", "facets", facet(0, 7)), "Record/facets/0/index/byteEnd"},
		"facet cuts a rune": {record("héllo", "facets", facet(0, 2)), "Record/facets/0/index"},
		"facet reversed":    {record("hello", "facets", facet(3, 3)), "Record/facets/0/index"},
		"four langs":        {record("x", "langs", []string{"a", "b", "c", "d"}), "Record/langs"},
		"five images":       {record("x", "embed", images(5, nil)), "Record/embed/images"},
		"no alt":            {record("x", "embed", images(1, map[string]any{})), `Record/embed/images/0 must have the property "alt"`},
		"wrong labels":      {record("x", "labels", map[string]any{"$type": "other"}), "Record/labels"},
		"a float":           {record("x", "n", 1.5), "64-bit integers"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := p.put(rkey, c.record)
			require.Equal(t, 400, got.status, got.raw)
			require.Contains(t, got.text("message"), c.want)
		})
	}
	require.Equal(t, 400, p.put("not-a-tid", record("x")).status)
	require.Equal(t, 200, p.put(rkey, record(strings.Repeat("é", 300))).status, "the limit itself is allowed")
	require.Equal(t, 1, p.creations())
	foreign := write(rkey, record("x"))
	foreign["repo"] = "south.test"
	require.Equal(t, 401, p.call("POST", "/xrpc/com.atproto.repo.putRecord", p.jwt, foreign).status)
}

func TestBlueskyImages(t *testing.T) {
	p := start(t)
	file := picture(t)
	up := p.call("POST", "/xrpc/com.atproto.repo.uploadBlob", p.jwt, file)
	require.Equal(t, 200, up.status, up.raw)
	blob := up.body["blob"].(map[string]any)
	cid := blob["ref"].(map[string]any)["$link"].(string)
	require.True(t, strings.HasPrefix(cid, "bafkrei"), cid)
	blobPath := "/xrpc/com.atproto.sync.getBlob?did=" + blueskyDID + "&cid=" + cid
	require.Equal(t, 400, p.call("GET", blobPath, "", nil).status, "no record refers to it yet")

	embed := func(ref map[string]any) map[string]any {
		return map[string]any{"$type": "app.bsky.embed.images", "images": []any{map[string]any{"alt": "a dot", "image": ref}}}
	}
	got := p.put(rkey, record("look", "embed", embed(blob)))
	require.Equal(t, 200, got.status, got.raw)
	require.Equal(t, string(file), p.call("GET", blobPath, "", nil).raw)

	unknown := map[string]any{"$type": "blob", "ref": map[string]string{"$link": "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"}, "mimeType": "image/png", "size": 1}
	require.Equal(t, "BlobNotFound", p.put("3m66mzzabc22m", record("x", "embed", embed(unknown))).text("error"))
	large := p.call("POST", "/xrpc/com.atproto.repo.uploadBlob", p.jwt, append(file, bytes.Repeat([]byte{0}, 5<<20)...))
	require.Equal(t, 413, large.status)
	require.Equal(t, "PayloadTooLarge", large.text("error"))
}

func TestBlueskyListsAndCounts(t *testing.T) {
	p := start(t)
	keys := []string{"3m66mzzabc22k", "3m66mzzabc32k", "3m66mzzabc42k"}
	for _, key := range keys {
		require.Equal(t, 200, p.put(key, record("post "+key, "labels", map[string]any{
			"$type": "com.atproto.label.defs#selfLabels", "values": []any{map[string]string{"val": "ai-generated"}},
		})).status)
	}
	list := "/xrpc/com.atproto.repo.listRecords?repo=north.test&collection=app.bsky.feed.post&limit=2"
	first := p.call("GET", list, "", nil)
	require.Len(t, first.body["records"], 2)
	require.Equal(t, keys[1], first.text("cursor"), "newest first")
	second := p.call("GET", list+"&cursor="+first.text("cursor"), "", nil)
	require.Len(t, second.body["records"], 1)
	require.Contains(t, second.raw, keys[0])

	uri := "at://" + blueskyDID + "/app.bsky.feed.post/" + keys[0]
	require.Equal(t, 200, p.control("POST", "engage", map[string]any{"post": uri, "likes": 3, "reposts": 2, "replies": 1, "quotes": 4}).status)
	got := p.call("GET", "/xrpc/app.bsky.feed.getPosts?uris="+uri+"&uris=at://"+blueskyDID+"/app.bsky.feed.post/3m66mzzabc22z", "", nil)
	posts := got.body["posts"].([]any)
	require.Len(t, posts, 1, "an unknown post is left out")
	view := posts[0].(map[string]any)
	require.Equal(t, []any{3.0, 2.0, 1.0, 4.0}, []any{view["likeCount"], view["repostCount"], view["replyCount"], view["quoteCount"]})
	require.Equal(t, 501, p.call("GET", "/xrpc/app.bsky.feed.getTimeline", p.jwt, nil).status)
	require.Equal(t, blueskyDID, p.call("GET", "/xrpc/com.atproto.identity.resolveHandle?handle=north.test", "", nil).text("did"))
	require.Equal(t, 400, p.call("GET", "/xrpc/com.atproto.identity.resolveHandle?handle=nobody.test", "", nil).status)
}

func TestBlueskyRequestsAreLimited(t *testing.T) {
	p := start(t, func(c *sandbox.Config) { c.RateLimits.BlueskyRequests = 3 })
	for range 3 {
		require.Equal(t, 200, p.call("GET", "/xrpc/com.atproto.server.getSession", p.jwt, nil).status)
	}
	refused := p.put(rkey, record("x"))
	require.Equal(t, 429, refused.status)
	require.NotEmpty(t, refused.header.Get("Retry-After"))
	require.Zero(t, p.creations())
}
