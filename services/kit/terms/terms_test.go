package terms

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		text, term string
		hit        bool
	}{
		"plain":                {"this will cure you", "cure", true},
		"case":                 {"CURE!", "cure", true},
		"term's own case":      {"cure", "CuRe", true},
		"sharp s":              {"STRASSE", "straße", true},
		"inside another word":  {"a secure way", "cure", false},
		"at the end":           {"the cure", "cure", true},
		"zero-width space":     {"cu\u200bre", "cure", true},
		"zero-width joiner":    {"c\u200du\u2060re\ufeff", "cure", true},
		"soft hyphen":          {"cu\u00adre", "cure", true},
		"right-to-left marks":  {"\u202ecure\u202c", "cure", true},
		"hangul filler":        {"cu\u3164re", "cure", true},
		"full width":           {"ｃｕｒｅ", "cure", true},
		"ligature":             {"ﬁnance", "finance", true},
		"mathematical bold":    {"𝐜𝐮𝐫𝐞", "cure", true},
		"struck through":       {"c\u0336u\u0336r\u0336e\u0336", "cure", true},
		"decomposed accent":    {"e\u0301lan", "élan", true},
		"accents count":        {"elan", "élan", false},
		"two words":            {"guaranteed   returns", "guaranteed returns", true},
		"over a line break":    {"guaranteed\nreturns", "guaranteed returns", true},
		"hyphen between":       {"guaranteed-returns", "guaranteed returns", true},
		"underscore between":   {"#guaranteed_returns", "guaranteed returns", true},
		"curly apostrophe":     {"don’t panic", "don't", true},
		"symbols stay":         {"I like c", "c++", false},
		"symbols found":        {"I like C++.", "c++", true},
		"only symbols":         {"earn $$$ now", "$$$", true},
		"no letters":           {"...", "…", false},
		"chinese, no spaces":   {"这是赌博网站", "赌博", true},
		"blank term":           {"anything", "  ", false},
		"number":               {"call 555 now", "555", true},
		"number inside number": {"call 15552", "555", false},
	} {
		got := Find([]string{"before", c.text}, []string{"absent", c.term})
		require.Equal(t, c.hit, got == c.term, name)
	}
	require.Empty(t, Find([]string{"guaranteed", "returns"}, []string{"guaranteed returns"}), "two texts do not form a term")
	require.Empty(t, Find(nil, []string{"x"}))
}
