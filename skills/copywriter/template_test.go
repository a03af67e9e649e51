package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/platforms"
	"chimera/services/kit/terms"
)

func bees() draftIn {
	return draftIn{
		Platform: "bluesky", Goal: "Tell people about urban beekeeping.",
		Persona: persona{Voice: "warm and curious", Audience: "city gardeners", Topics: []string{"urban bees", "wild flowers"}, Never: []string{"cure"}, Language: "en", Hashtags: []string{"#bees", "citylife", "not valid!"}},
		Trends: []trend{
			{Title: "Stock markets fall", URL: "https://news.example/markets", Tainted: true},
			{Title: "Rooftop beekeeping doubles in European cities", Summary: "Bees on roofs", URL: "https://news.example/bees?id=1", Tainted: true},
		},
		Memories: []memory{{Text: "a short post about bees worked well"}},
	}
}

func compose(t *testing.T, in draftIn) (draftOut, []string, float64) {
	t.Helper()
	require.NoError(t, in.check())
	out, rep, err := fromTemplates(context.Background(), in)
	require.NoError(t, err)
	require.Equal(t, "template/v1", rep.Method)
	require.Empty(t, rep.Model)
	require.True(t, strings.HasPrefix(rep.Basis, "composed from templates, no model"), rep.Basis)
	require.LessOrEqual(t, rep.Confidence, 0.4)
	require.True(t, json.Valid([]byte(rep.Prompt)))
	return out, rep.Degraded, rep.Confidence
}

func TestTemplateUsesTheBestTrend(t *testing.T) {
	in := bees()
	out, degraded, confidence := compose(t, in)
	require.Equal(t, "https://news.example/bees?id=1", out.UsedTrendURL)
	require.Contains(t, out.Text, "Rooftop beekeeping doubles in European cities")
	require.Contains(t, out.Text, out.UsedTrendURL)
	require.Contains(t, out.Tags, "bees")
	require.Equal(t, []string{"en"}, out.Langs)
	require.NotContains(t, out.Text, "markets")
	require.Len(t, out.Alternatives, 2)
	require.NotContains(t, out.Alternatives, out.Text)
	require.Empty(t, degraded)
	require.Equal(t, 0.4, confidence)

	again, _, _ := compose(t, in)
	require.Equal(t, out, again, "the same input gives the same text")
	texts := map[string]bool{}
	for _, goal := range []string{"a", "b", "c", "d", "e", "f"} {
		in.Goal = "Tell people about urban beekeeping " + goal
		out, _, _ := compose(t, in)
		texts[out.Text] = true
	}
	require.Greater(t, len(texts), 2, "another input gives another text")
}

func TestTemplateWithoutAMatchingTrend(t *testing.T) {
	in := bees()
	in.Trends = in.Trends[:1]
	out, _, confidence := compose(t, in)
	require.Empty(t, out.UsedTrendURL, "an unrelated trend is not forced in")
	require.NotContains(t, out.Text, "markets")
	require.Less(t, confidence, 0.4)
	in.Persona.Language = "de"
	_, degraded, lower := compose(t, in)
	require.Less(t, lower, confidence)
	require.Contains(t, degraded[0], "written in English")
}

// A headline from outside cannot bring links, mentions or hashtags to life, nor words the persona never says.
func TestHeadlinesAreMadeSafe(t *testing.T) {
	in := bees()
	in.Trends = []trend{{Title: "Bees! @everyone #win see https://evil.example/x and www.evil.example or evil.example/y \u202enow", URL: "https://news.example/b", Tainted: true}}
	out, _, _ := compose(t, in)
	require.Contains(t, out.Text, "Bees! everyone win see")
	for _, bad := range []string{"@", "#win", "evil.example", "\u202e"} {
		require.NotContains(t, out.Text, bad)
	}
	in.Trends = []trend{{Title: "Bees CURE all", URL: "https://news.example/b"}, {Title: "Bees again", URL: "https://news.example/c"}}
	out, _, _ = compose(t, in)
	require.Contains(t, out.Text, "Bees again")
	in.Trends = []trend{{Title: "Bees", URL: "javascript:alert(1)"}, {Title: "Bees", URL: "https://news.example/with space"}}
	out, _, _ = compose(t, in)
	require.NotContains(t, out.Text, "javascript")
	require.NotContains(t, out.Text, "://")
}

// R10.4: a request for changes changes the text, in the way that was asked for.
func TestRemarksAreHonoured(t *testing.T) {
	first, _, _ := compose(t, bees())
	for name, tc := range map[string]struct {
		remark string
		check  func(t *testing.T, out draftOut)
	}{
		"shorter":     {"Please make it shorter.", func(t *testing.T, out draftOut) { require.Less(t, len(out.Text), len(first.Text)) }},
		"no hashtags": {"no hashtags", func(t *testing.T, out draftOut) { require.NotContains(t, out.Text, "#"); require.Empty(t, out.Tags) }},
		"no link":     {"Remove the link!", func(t *testing.T, out draftOut) { require.NotContains(t, out.Text, "://") }},
		"mention":     {`mention "our open day on Saturday"`, func(t *testing.T, out draftOut) { require.Contains(t, out.Text, "ur open day on Saturday") }},
		"mention a and": {"mention bees and wasps, and no hashtags", func(t *testing.T, out draftOut) {
			require.Contains(t, out.Text, "ees and wasps.")
			require.Empty(t, out.Tags)
		}},
		"avoid":       {"avoid the word rooftop", func(t *testing.T, out draftOut) { require.NotContains(t, strings.ToLower(out.Text), "rooftop") }},
		"question":    {"End with a question", func(t *testing.T, out draftOut) { require.Contains(t, out.Text, "?") }},
		"tag":         {"add the hashtag #OpenDay", func(t *testing.T, out draftOut) { require.Contains(t, out.Tags, "OpenDay") }},
		"other trend": {"use a different story", func(t *testing.T, out draftOut) { require.NotContains(t, out.Text, "Rooftop") }},
		"formal":      {"make it more formal", func(t *testing.T, out draftOut) { require.NotContains(t, out.Text, "Sharing this one with you") }},
		"two at once": {"Shorter, and no hashtags.", func(t *testing.T, out draftOut) {
			require.Less(t, len(out.Text), len(first.Text))
			require.Empty(t, out.Tags)
		}},
		"handle": {"mention @beefriends", func(t *testing.T, out draftOut) { require.Contains(t, out.Text, "@beefriends") }},
	} {
		t.Run(name, func(t *testing.T) {
			in := bees()
			in.PreviousText, in.Remarks = first.Text, []string{tc.remark}
			out, degraded, confidence := compose(t, in)
			require.NotEqual(t, first.Text, out.Text)
			require.Empty(t, degraded)
			require.GreaterOrEqual(t, confidence, 0.3, "0.3 when no trend is left to use")
			tc.check(t, out)
			for _, alt := range out.Alternatives {
				require.NotEqual(t, first.Text, alt)
			}
		})
	}
}

func TestRemarksNotUnderstoodAreSaid(t *testing.T) {
	in := bees()
	first, _, _ := compose(t, in)
	in.PreviousText, in.Remarks = first.Text, []string{"It lacks the swing of the old ones. No hashtags."}
	out, degraded, confidence := compose(t, in)
	require.NotEqual(t, first.Text, out.Text, "even then it is another text")
	require.Empty(t, out.Tags, "what is understood is done")
	require.Equal(t, []string{`not understood: "It lacks the swing of the old ones"`}, degraded)
	require.Equal(t, 0.3, confidence)

	in.Remarks = []string{"mention the cure"}
	_, degraded, _ = compose(t, in)
	require.Contains(t, degraded[0], "could not be mentioned", "the persona's never-list is above a remark (R10.7)")
}

func TestLaterRemarksWin(t *testing.T) {
	w := understand([]string{"shorter", "avoid bees", "no hashtags", "longer", "mention bees", "add hashtag #x"})
	require.True(t, w.longer)
	require.False(t, w.shorter)
	require.Empty(t, w.avoid)
	require.Equal(t, []string{"bees"}, w.mention)
	require.False(t, w.noTags)
	require.Empty(t, w.notUnderstood)
	require.Equal(t, []string{"honey", "wax"}, understand([]string{"don't say honey or wax"}).avoid)
}

func TestNothingLeftToSay(t *testing.T) {
	in := bees()
	in.Persona.Never = []string{".", "?", ":"}
	_, _, err := fromTemplates(context.Background(), in)
	require.Equal(t, typev1.Reason_REASON_POLICY_VIOLATION, errs.ReasonOf(err))
	require.False(t, errs.KindOf(err).Retryable())
}

func TestInputIsChecked(t *testing.T) {
	for name, change := range map[string]func(*draftIn){
		"platform": func(in *draftIn) { in.Platform = "nowhere" }, "goal": func(in *draftIn) { in.Goal = "" }, "room": func(in *draftIn) { in.MaxGraphemes = 10 }, "negative": func(in *draftIn) { in.MaxGraphemes = -1 },
		"flood": func(in *draftIn) { in.Trends = make([]trend, maxTrends+1) }, "long remark": func(in *draftIn) { in.Remarks = []string{strings.Repeat("x", maxTextBytes+1)} },
	} {
		in := bees()
		change(&in)
		require.Equal(t, errs.Invalid, errs.KindOf(in.check()), name)
	}
}

// Whatever comes in: what goes out fits, is valid text, holds no banned word, and no word or link is cut.
func TestTemplateProperties(t *testing.T) {
	wild := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z ]{0,300}`), rapid.SampledFrom([]string{"bees", "Bees return to the city", "日本の蜂が戻ってきた", "👩‍👩‍👧‍👦🇩🇪", strings.Repeat("x", 400), "a\x00b\xff", "@a #b https://evil.example/"}))
	remark := rapid.OneOf(wild, rapid.SampledFrom([]string{"shorter", "longer", "no hashtags", "no link", "mention the open day", "avoid bees", "ask a question", "avoid the word a", "add hashtag #x", "different trend"}))
	link := rapid.SampledFrom([]string{"", "https://news.example/a", "https://news.example/" + strings.Repeat("p", 250), "javascript:x", "https://news.example/a).", "not a url"})
	rapid.Check(t, func(t *rapid.T) {
		in := draftIn{
			Platform: rapid.SampledFrom(platforms.Names()).Draw(t, "platform"), Goal: "g" + wild.Draw(t, "goal"), MaxGraphemes: rapid.SampledFrom([]int{0, 40, 60, 120, 300}).Draw(t, "max"),
			Persona: persona{
				Voice: wild.Draw(t, "voice"), Audience: wild.Draw(t, "audience"), Topics: rapid.SliceOfN(wild, 0, 3).Draw(t, "topics"), Hashtags: rapid.SliceOfN(wild, 0, 4).Draw(t, "hashtags"),
				Never: rapid.SliceOfN(rapid.OneOf(wild, rapid.SampledFrom([]string{"news", "you", "read", "worth", "the"})), 0, 4).Draw(t, "never"),
			},
			Remarks: rapid.SliceOfN(remark, 0, 3).Draw(t, "remarks"), PreviousText: wild.Draw(t, "previous"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "n") {
			in.Trends = append(in.Trends, trend{Title: wild.Draw(t, "title"), Summary: wild.Draw(t, "summary"), URL: link.Draw(t, "url")})
		}
		out, rep, err := fromTemplates(context.Background(), in)
		if err != nil {
			if errs.ReasonOf(err) != typev1.Reason_REASON_POLICY_VIOLATION {
				t.Fatalf("%v", err)
			}
			return
		}
		l, _ := newLimits(in.Platform, in.MaxGraphemes)
		for _, text := range append([]string{out.Text}, out.Alternatives...) {
			switch {
			case !utf8.ValidString(text) || text == "":
				t.Fatalf("not text: %q", text)
			case l.rules.Count(text) > l.max || l.rules.LinkChars == 0 && uniseg.GraphemeClusterCount(text) > l.max:
				t.Fatalf("too long: %q", text)
			case terms.Find([]string{text}, in.Persona.Never) != "":
				t.Fatalf("banned: %q", text)
			case len(platforms.Violations(l.rules, platforms.Content{Text: text + l.rules.Disclosure.TextSuffix, Langs: out.Langs, Tags: out.Tags})) > 0:
				t.Fatalf("the platform refuses %q", text)
			}
			for _, found := range linksIn(text) {
				known := slices.ContainsFunc(in.Trends, func(t trend) bool { return t.URL == found })
				if !known && !strings.Contains(in.Goal+in.PreviousText+strings.Join(in.Remarks, " "), found) {
					t.Fatalf("a cut or foreign link %q in %q", found, text)
				}
			}
		}
		if len(in.Remarks) > 0 && out.Text == in.PreviousText {
			w := understand(in.Remarks)
			if !w.none() {
				t.Fatal("nothing changed")
			}
		}
		if rep.Confidence > 0.4 || rep.Confidence <= 0 {
			t.Fatalf("confidence %v", rep.Confidence)
		}
	})
}
