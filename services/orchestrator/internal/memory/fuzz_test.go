package memory

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/fuzztest"
)

// FuzzAnswer reads whatever stands at the memory store's address.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"` + collectionName + `":[{"text":"t","kind":"post","tainted":true,"at":"2026-11-22T00:00:00Z","_additional":{"id":"0190a1b2-0000-7000-8000-000000000001","score":"0.5"}}]}`))
	f.Add([]byte(`{"` + collectionName + `":[{"_additional":{"score":"NaN"}}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		items, err := decode(raw)
		if err != nil {
			require.Empty(t, items)
		}
	})
}

// FuzzKeywords: nothing but words reaches the store's query, however it is asked for (no GraphQL, R9.4).
func FuzzKeywords(f *testing.F) {
	f.Add(`coffee") { tenant } #`)
	f.Add("a\u2028b\u200dc\\u0022")
	f.Fuzz(func(t *testing.T, query string) {
		defer fuzztest.Bound(t)()
		words := keywords(query)
		require.LessOrEqual(t, utf8.RuneCountInString(words), maxQuery)
		require.False(t, strings.ContainsFunc(words, func(r rune) bool {
			return r != ' ' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
		}), "%q", words)
	})
}
