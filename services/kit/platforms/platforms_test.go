package platforms

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func get(t *testing.T, name string) Rules {
	t.Helper()
	r, ok := Get(name)
	require.True(t, ok)
	return r
}

func TestKnownPlatforms(t *testing.T) {
	require.Equal(t, []string{"bluesky", "mastodon"}, Names())
	_, ok := Get("nowhere")
	require.False(t, ok)
}

func TestRulesAreStrictData(t *testing.T) {
	good, err := files.ReadFile("rules/bluesky.yaml")
	require.NoError(t, err)
	for name, broken := range map[string]string{
		"unknown key":           string(good) + "\nmax_grafemes: 1\n",
		"second document":       string(good) + "\n---\nname: other\n",
		"no text limit":         strings.Replace(string(good), "max_graphemes: 300", "max_graphemes: 0", 1),
		"negative limit":        strings.Replace(string(good), "max_images: 4", "max_images: -4", 1),
		"no source":             strings.Replace(string(good), "source: ", "source: \"\" # ", 1),
		"unbounded posts":       strings.Replace(string(good), "posts_per_day: 100", "", 1),
		"no read lag":           strings.Replace(string(good), "read_lag: 5s", "", 1),
		"unknown disclosure":    strings.Replace(string(good), "field: self_label", "field: prayer", 1),
		"disclosure by silence": strings.Replace(string(good), "label: ai-generated", "", 1),
	} {
		require.NotEqual(t, string(good), broken, name)
		_, err := parse([]byte(broken))
		require.Error(t, err, name)
	}
	_, err = load(fstest.MapFS{"rules/a.yaml": {Data: good}, "rules/b.yaml": {Data: good}}, "rules")
	require.ErrorContains(t, err, "already defined")
}

func TestCount(t *testing.T) {
	const family, flag, accent = "👩‍👩‍👧‍👦", "🇩🇪", "e\u0301"
	longLink := "https://example.org/" + strings.Repeat("p", 200)
	for name, c := range map[string]struct {
		platform, text string
		want           int
	}{
		"plain":                    {"bluesky", "hello", 5},
		"zwj family is one":        {"bluesky", family, 1},
		"flags are one each":       {"bluesky", flag + flag + "🇫🇷", 3},
		"skin tone is one":         {"bluesky", "👍🏽", 1},
		"combining accent is one":  {"bluesky", accent, 1},
		"a link as written":        {"bluesky", longLink, 220},
		"a link is 23":             {"mastodon", longLink, 23},
		"even a short one":         {"mastodon", "http://a.io", 23},
		"sentence's full stop":     {"mastodon", "see " + longLink + ".", 4 + 23 + 1},
		"two links":                {"mastodon", longLink + " " + longLink, 47},
		"mention without domain":   {"mastodon", "@ada@example.org hi", 7},
		"mention on other network": {"bluesky", "@ada@example.org", 16},
		"emoji on mastodon":        {"mastodon", family + flag, 2},
	} {
		require.Equal(t, c.want, get(t, c.platform).Count(c.text), name)
	}
}

func TestViolations(t *testing.T) {
	for name, c := range map[string]struct {
		platform string
		content  Content
		want     []string
	}{
		"fits exactly":        {"bluesky", Content{Text: strings.Repeat("é", 300)}, nil},
		"one too many":        {"bluesky", Content{Text: strings.Repeat("é", 301)}, []string{"max_graphemes"}},
		"300 families: bytes": {"bluesky", Content{Text: strings.Repeat("👩‍👩‍👧‍👦", 300)}, []string{"max_bytes"}},
		"empty":               {"bluesky", Content{}, []string{"not_empty"}},
		"image alone":         {"bluesky", Content{Media: []Media{{Alt: "a cat"}}}, nil},
		"no alt":              {"mastodon", Content{Text: "x", Media: []Media{{}}}, []string{"alt_required"}},
		"five images":         {"bluesky", Content{Media: make5("alt")}, []string{"max_images"}},
		"large image":         {"bluesky", Content{Media: []Media{{Alt: "a", Bytes: 2000001}}}, []string{"max_image_bytes"}},
		"long alt":            {"mastodon", Content{Text: "x", Media: []Media{{Alt: strings.Repeat("a", 1501)}}}, []string{"max_alt_chars"}},
		"warning counts":      {"mastodon", Content{Text: strings.Repeat("a", 499), ContentWarning: "cw"}, []string{"max_chars"}},
		"warning apart":       {"bluesky", Content{Text: strings.Repeat("a", 300), ContentWarning: "cw"}, nil},
		"languages and tags":  {"bluesky", Content{Text: "x", Langs: []string{"a", "b", "c", "d"}, Tags: []string{strings.Repeat("t", 65)}}, []string{"max_langs", "max_tag_graphemes"}},
	} {
		var rules []string
		for _, v := range Violations(get(t, c.platform), c.content) {
			rules = append(rules, v.Rule)
			require.NotEmpty(t, v.Threshold, name)
			require.NotEmpty(t, v.Value, name)
			require.NotEmpty(t, v.Message, name)
		}
		require.Equal(t, c.want, rules, name)
	}
}

func make5(alt string) []Media {
	return []Media{{Alt: alt}, {Alt: alt}, {Alt: alt}, {Alt: alt}, {Alt: alt}}
}

// R10.6: whatever fits the draft's limit still fits with the disclosure, and applying twice changes nothing.
func TestDisclosure(t *testing.T) {
	for _, name := range Names() {
		r := get(t, name)
		text, labels := r.Disclosure.Apply(strings.Repeat("a", r.DraftLimit()), []string{"mine"})
		require.Empty(t, Violations(r, Content{Text: text}), name)
		require.Equal(t, r.Limit(), r.Count(text), name)
		require.True(t, r.Disclosure.Present(text, labels), name)
		require.Contains(t, labels, "mine", name)

		again, labelsAgain := r.Disclosure.Apply(text, labels)
		require.Equal(t, text, again, name)
		require.Equal(t, labels, labelsAgain, name)
		require.False(t, r.Disclosure.Present("just words", labels), name)
	}
	require.False(t, get(t, "bluesky").Disclosure.Present("words\n\n(AI-generated)", nil), "the label is part of it")
}
