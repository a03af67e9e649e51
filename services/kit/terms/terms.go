// Package terms finds words in text in spite of the usual disguises: case, width, ligatures, invisible
// characters, stacked marks, punctuation between the words. Letters of another alphabet that only look the
// same are not folded: that would ban honest words of other languages.
package terms

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Find returns the first of terms, in their order, that any of the texts holds as whole words; empty when
// none does. A term without letters or digits, such as "$$$", is looked for as it stands.
func Find(texts, terms []string) string {
	folded, words := make([]string, len(texts)), make([]string, len(texts))
	for i, t := range texts {
		folded[i] = fold(t)
		words[i] = " " + spaced(folded[i]) + " "
	}
	for _, term := range terms {
		want := fold(term)
		in, what := words, " "+spaced(want)+" "
		switch {
		case symbolic(want):
			in, what = folded, strings.TrimSpace(want)
		case continuous(want):
			in, what = words, spaced(want)
		}
		if strings.TrimSpace(what) != "" && slices.ContainsFunc(in, func(t string) bool { return strings.Contains(t, what) }) {
			return term
		}
	}
	return ""
}

// Words splits a text into its words, folded as Find compares them.
func Words(text string) []string { return strings.Fields(spaced(fold(text))) }

// fold makes equal what readers take for equal. Invisible characters go first: one between a letter and its
// mark would keep the two from being composed.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, s)
	s = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
	// A mark that has not become part of a letter strikes it through or decorates it.
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
}

// spaced replaces whatever stands between words by one space.
func spaced(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Mc, r) }), " ")
}

// symbolic terms carry meaning in other signs than letters: "c++" must not become "c".
func symbolic(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSymbol(r) || strings.ContainsRune("@#%&*/\\!?", r) })
}

// continuous scripts put no space between words, so a term may stand anywhere.
func continuous(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	})
}
