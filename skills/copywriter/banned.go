package main

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// findBanned returns the first term that text says, as whole words and in spite of case, width, punctuation and
// invisible characters; empty when it says none.
func findBanned(text string, terms []string) string {
	plain := folded(text)
	said := " " + words(plain) + " "
	for _, term := range terms {
		want := folded(term)
		switch spaced := words(want); {
		case spaced == "" || strings.ContainsFunc(want, func(r rune) bool { return unicode.IsSymbol(r) || strings.ContainsRune("@#%&*/\\!?", r) }):
			// Signs carry the meaning ("c++", "$$$"): looked for as they stand.
			if want = strings.TrimSpace(want); want != "" && strings.Contains(plain, want) {
				return term
			}
		case unspaced(spaced):
			if strings.Contains(said, spaced) {
				return term
			}
		case strings.Contains(said, " "+spaced+" "):
			return term
		}
	}
	return ""
}

func folded(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			return -1
		}
		return r
	}, s)
	s = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) { // a mark that is no part of a letter only decorates it
			return -1
		}
		return r
	}, s)
}

func words(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Mc, r) }), " ")
}

func unspaced(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	})
}
