package main

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTextFromHTML(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                              "plain",
		"<p>One</p><p>two &amp; three</p>":   "One two & three",
		"a<script>alert('x')</script>b":      "a b",
		"a<style>p{}</style><b>c</b>":        "a c",
		"<img src=x onerror=alert(1)>text":   "text",
		"AT&amp;T &lt;3":                     "AT&T <3",
		"<svg><text>hidden</text></svg>seen": "seen",
		"<!-- note to the model -->seen":     "seen",
		"unclosed <b":                        "unclosed",
		"tab\tnew\r\nline\u00a0nbsp":         "tab new line nbsp",
	} {
		require.Equal(t, want, clean(htmlText(in)), in)
	}
}

// What a reviewer cannot see must not reach a model.
func TestInvisibleTextIsRemoved(t *testing.T) {
	for name, in := range map[string]string{
		"zero width": "a\u200bb\u200cc\u200dd\u2060e\ufefff", "bidi": "a\u202eb\u202cc\u2066d\u2069ef", "control": "a\x00b\x07c\x1bd\u0085ef",
		"tags": "abc\U000E0049\U000E0067\U000E006Edef", "variation": "abc\ufe0fde\U000E0100f", "soft hyphen": "abc\u00addef", "private": "abc\ue000def", "filler": "abc\u3164def",
		"not utf8": "abc\xff\xfedef", "replacement": "abc\ufffddef",
	} {
		require.Equal(t, "abcdef", strings.ReplaceAll(clean(in), " ", ""), name)
	}
	require.Equal(t, maxMarks+1, utf8.RuneCountInString(clean("x"+strings.Repeat("\u0338", 50))))
	require.Equal(t, "naïve 日本語 🐝", clean("nai\u0308ve 日本語 🐝"))
}

func TestCleanAlwaysYieldsOnePrintableLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(2, 80).Draw(t, "limit")
		out := clip(clean(htmlText(rapid.String().Draw(t, "in"))), limit)
		if !utf8.ValidString(out) || utf8.RuneCountInString(out) > limit || strings.TrimSpace(out) != out && out != "" {
			t.Fatalf("%q", out)
		}
		for _, r := range out {
			if unicode.Is(unicode.C, r) {
				t.Fatalf("%U in %q", r, out)
			}
		}
	})
}
