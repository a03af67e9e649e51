package sandbox_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mmcdole/gofeed"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/sandbox"
)

const attack = `<script>alert(1)</script><img src=x onerror=alert(1)> "quoted" 'x' javascript:alert(1)`

func TestPagesEscapeEverything(t *testing.T) {
	p := start(t, func(c *sandbox.Config) { c.Accounts[0].DisplayName = attack })
	up := p.call("POST", "/xrpc/com.atproto.repo.uploadBlob", p.jwt, picture(t))
	evil := record(attack, "labels", map[string]any{"$type": "com.atproto.label.defs#selfLabels", "values": []any{map[string]string{"val": attack}}},
		"embed", map[string]any{"$type": "app.bsky.embed.images", "images": []any{map[string]any{"alt": attack, "image": up.body["blob"]}}},
		"facets", []any{map[string]any{
			"index":    map[string]int{"byteStart": 0, "byteEnd": 8},
			"features": []any{map[string]string{"$type": "app.bsky.richtext.facet#link", "uri": "javascript:alert(1)"}},
		}},
		"langs", []string{`"><script>`})
	require.Equal(t, 200, p.put(rkey, evil).status)
	require.Equal(t, 200, p.toot(map[string]any{"status": attack, "spoiler_text": attack}).status)
	for _, path := range []string{"/", "/posts/bluesky-aaaabbbbccccdddd-" + rkey} {
		page := p.call("GET", path, "", nil)
		require.Equal(t, 200, page.status)
		require.Contains(t, page.raw, "&lt;script&gt;alert(1)", "the text is shown")
		require.NotContains(t, page.raw, "<script")
		require.NotContains(t, page.raw, "<img src=x")
		require.NotContains(t, page.raw, `href="javascript`)
		require.Contains(t, page.header.Get("Content-Security-Policy"), "default-src 'none'")
	}
	statuses := decodeList(t, p.call("GET", "/api/v1/accounts/"+fediID+"/statuses", "", nil).raw)
	require.Contains(t, statuses[0]["content"], "&lt;script&gt;")
	require.NotContains(t, statuses[0]["content"], "<script")
}

func TestTimelineShowsWhatMatters(t *testing.T) {
	p := start(t)
	require.Contains(t, p.call("GET", "/", "", nil).raw, "Nothing was posted yet")
	media := p.uploadMedia(append(picture(t), "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"...), "a brown dot").text("id")
	p.toot(map[string]any{"status": "Brew https://a.example/x now", "spoiler_text": "caffeine", "media_ids": []string{media}})
	p.put(rkey, record("Slow coffee", "labels", map[string]any{
		"$type":  "com.atproto.label.defs#selfLabels",
		"values": []any{map[string]string{"val": "ai-generated"}},
	}))
	p.toot(map[string]any{"status": "not for all", "visibility": "private"})

	page := p.call("GET", "/", "", nil).raw
	for _, want := range []string{
		"Sandbox: not a real network", `alt="a brown dot"`, "Content warning: caffeine", "AI label",
		"AI mark in image file", `<a href="https://a.example/x"`, `href="/posts/bluesky-aaaabbbbccccdddd-` + rkey + `"`, ">Bot<", "ai-generated",
	} {
		require.Contains(t, page, want)
	}
	require.NotContains(t, page, "not for all")
	require.Less(t, strings.Index(page, "Slow coffee"), strings.Index(page, "Brew"), "newest first")
	require.NotContains(t, p.call("GET", "/?platform=bluesky", "", nil).raw, "Brew")
	require.Equal(t, "/posts/bluesky-aaaabbbbccccdddd-"+rkey, p.call("GET", "/profile/north.test/post/"+rkey, "", nil).header.Get("Location"))
	require.Equal(t, 404, p.call("GET", "/posts/nothing", "", nil).status)
	require.Equal(t, 404, p.call("GET", "/nothing", "", nil).status)
	require.Equal(t, 200, p.call("GET", "/healthz", "", nil).status)
}

func TestTimelinePages(t *testing.T) {
	p := start(t)
	for i := range 45 {
		require.Equal(t, 200, p.toot(map[string]any{"status": fmt.Sprintf("toot %02d.", i)}).status)
	}
	seen, path := "", "/?platform=mastodon"
	for _, want := range []int{20, 20, 5} {
		page := p.call("GET", path, "", nil).raw
		require.Equal(t, want, strings.Count(page, "<article"))
		seen += page
		_, rest, more := strings.Cut(page, `<a href="/?before=`)
		require.Equal(t, want == 20, more, "only the last page has no next")
		cursor, _, _ := strings.Cut(rest, `"`)
		path = "/?before=" + strings.ReplaceAll(cursor, "&amp;", "&")
	}
	for i := range 45 {
		require.Equal(t, 1, strings.Count(seen, fmt.Sprintf("toot %02d.", i)))
	}
}

func TestFeedsAreRealAndConditional(t *testing.T) {
	p := start(t)
	for name, format := range map[string]string{"home-coffee": "rss", "trail-running": "atom"} {
		path := "/feeds/" + name + ".xml"
		got := p.call("GET", path, "", nil)
		require.Equal(t, 200, got.status)
		feed, err := gofeed.NewParser().ParseString(got.raw)
		require.NoError(t, err)
		require.Equal(t, format, feed.FeedType)
		require.Len(t, feed.Items, 12)
		for _, item := range feed.Items {
			age := p.clock.now().Sub(*item.PublishedParsed)
			require.Positive(t, age, "dates are before the day of start")
			require.Less(t, age.Hours(), 24.0*12)
		}
		require.Equal(t, 304, p.call("GET", path, "", nil, "If-None-Match", got.header.Get("ETag")).status)
		require.Equal(t, 304, p.call("GET", path, "", nil, "If-Modified-Since", got.header.Get("Last-Modified")).status)
		require.Equal(t, 200, p.call("GET", path, "", nil, "If-None-Match", `"other"`).status)
	}
	require.Equal(t, 404, p.call("GET", "/feeds/none.xml", "", nil).status)
}
