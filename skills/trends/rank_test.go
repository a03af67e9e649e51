package main

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestRankNewestFirstWithoutRepeats(t *testing.T) {
	got := rank([]item{
		{title: "Undated", url: "https://a.example/0"},
		{title: "Old", url: "https://a.example/1", published: noon.Add(-9 * time.Hour)},
		{title: "New", url: "https://www.a.example/2/", published: noon.Add(-time.Hour)},
		{title: "New, elsewhere told", url: "http://A.example/2", published: noon.Add(-2 * time.Hour)},
		{title: "OLD!", url: "https://b.example/x", published: noon.Add(-10 * time.Hour)},
		{title: "From the far future", url: "https://evil.example/", published: noon.AddDate(70, 0, 0)},
		{title: "A little ahead", url: "https://c.example/", published: noon.Add(5 * time.Minute)},
	}, noon)
	var titles []string
	for _, it := range got {
		titles = append(titles, it.title)
	}
	require.Equal(t, []string{"A little ahead", "New", "Old", "Undated", "From the far future"}, titles, "a date in the far future buys no place at the top")
}

func TestFilter(t *testing.T) {
	for _, tc := range []struct {
		text, word string
		want       bool
	}{
		{"Bees thrive", "bee", true},
		{"A beekeeper", "bee", true},
		{"Urban honeybee", "bee", false},
		{"It may rain", "AI", false},
		{"AI writes", "ai", true},
		{"aim high", "ai", false},
		{"Über alles", "über", true},
		{"今日の天気", "天気", true},
		{"one two", "one two", true},
		{"C++ news", "c++", true},
		{"nothing", "bee", false},
	} {
		require.Equal(t, tc.want, len(filter([]item{{title: tc.text}}, []string{tc.word})) == 1, "%q in %q", tc.word, tc.text)
	}
	require.Len(t, filter([]item{{title: "a"}}, []string{"", " "}), 1, "empty words are no filter")
	require.Len(t, filter([]item{{title: "a", summary: "about bees"}}, []string{"wasps", "bees"}), 1)
}

func TestPublicLink(t *testing.T) {
	base := &url.URL{Scheme: "https", Host: "feed.example", Path: "/dir/rss"}
	for in, want := range map[string]string{
		"https://x.example/a?utm_source=f&id=1&fbclid=2": "https://x.example/a?id=1", "https://x.example/a?b=2&a=1": "https://x.example/a?b=2&a=1",
		"/post": "https://feed.example/post", "post": "https://feed.example/dir/post", "": "", "javascript:alert(1)": "", "data:text/html,x": "",
		"https://u:p@x.example/": "", "ftp://x.example/": "", "https://": "", "http://%zz": "", "https://x.example/" + strings.Repeat("a", maxLink): "", "mailto:a@b.example": "",
	} {
		require.Equal(t, want, publicLink(base, in), in)
	}
}

func TestReportTellsWhatItRestsOn(t *testing.T) {
	fresh := []item{{title: "x", published: noon.Add(-3 * time.Hour)}}
	whole := report([]source{{link: "a"}, {link: "b"}}, fresh, noon)
	require.Equal(t, 0.9, whole.Confidence)
	require.Equal(t, "2 of 2 sources answered; 1 items; the newest is 3 h old", whole.Basis)
	require.Empty(t, whole.Degraded)
	require.True(t, whole.Tainted)

	half := report([]source{{link: "a"}, {link: "b", err: transportError(errors.New("refused"))}}, fresh, noon)
	require.Equal(t, 0.45, half.Confidence)
	require.Len(t, half.Degraded, 1)
	stale := report([]source{{link: "a", stale: time.Hour}}, fresh, noon)
	require.Equal(t, 0.45, stale.Confidence)
	require.Contains(t, stale.Degraded[0], "1 h ago")
	old := report([]source{{link: "a"}}, []item{{published: noon.AddDate(0, -1, 0)}}, noon)
	require.Less(t, old.Confidence, whole.Confidence)
	require.Less(t, report([]source{{link: "a"}}, nil, noon).Confidence, 0.3)
}
