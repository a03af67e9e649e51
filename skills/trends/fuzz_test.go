package main

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/fuzztest"
)

// FuzzLink resolves any link of a feed: what is kept is public http(s), short, without userinfo, and safe to show.
func FuzzLink(f *testing.F) {
	f.Add("https://feeds.example/rss", "/a?utm_source=x&b=1")
	f.Add("https://feeds.example/", "https://user:pass@host/%0d%0a")
	f.Add("http://x/", "javascript:alert(1)")
	f.Fuzz(func(t *testing.T, base, link string) {
		defer fuzztest.Bound(t)()
		b, err := url.Parse(base)
		if err != nil {
			return
		}
		out := publicLink(b, link)
		if out == "" {
			return
		}
		u, err := url.Parse(out)
		require.NoError(t, err)
		require.Contains(t, []string{"http", "https"}, u.Scheme)
		require.Nil(t, u.User)
		require.NotEmpty(t, u.Hostname())
		require.LessOrEqual(t, len(out), maxLink)
		require.False(t, strings.ContainsAny(out, " \t\r\n"))
		require.Equal(t, canonical(out), canonical(publicLink(b, out)), "kept once, kept again")
	})
}

// FuzzStory reads a story of Hacker News, and any HTML as text: one printable line within its bound.
func FuzzStory(f *testing.F) {
	f.Add([]byte(`{"id":1,"type":"story","title":"A &amp; <b>B</b>\u202e","url":"https://x.example/","text":"<script>x</script>","time":1700000000}`))
	f.Add([]byte(`{"id":-9223372036854775808,"title":"<svg><title>x","time":9223372036854775807}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		var st story
		if json.Unmarshal(raw, &st) != nil {
			return
		}
		it := st.item()
		for text, limit := range map[string]int{it.title: maxTitle, it.summary: maxSummary} {
			require.LessOrEqual(t, utf8.RuneCountInString(text), limit)
			require.True(t, utf8.ValidString(text))
			require.False(t, strings.ContainsAny(text, "\n\r\x00\u202e\u200b"))
		}
		require.NotEmpty(t, it.url)
	})
}
