package main

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

// Lengths in runes. A model and a reviewer read these; nobody needs more to choose a topic.
const (
	maxTitle   = 200
	maxSummary = 600
	// maxMarks combining marks per letter are more than any language writes; beyond it they only deface.
	maxMarks = 4
)

// htmlText keeps what a reader would see: no tags, no script or style, entities decoded.
func htmlText(in string) string {
	if !strings.ContainsAny(in, "<&") {
		return in
	}
	var out strings.Builder
	hidden := ""
	z := html.NewTokenizer(strings.NewReader(in))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			if hidden == "" {
				out.Write(z.Text())
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			if hidden == "" && isHidden(string(name)) {
				hidden = string(name)
			}
			out.WriteByte(' ')
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == hidden {
				hidden = ""
			}
			out.WriteByte(' ')
		case html.SelfClosingTagToken:
			out.WriteByte(' ')
		}
	}
}

func isHidden(tag string) bool {
	switch tag {
	case "script", "style", "noscript", "template", "iframe", "svg", "object", "textarea", "title":
		return true
	}
	return false
}

// clean leaves one line of printable text. Control, zero-width, bidirectional and tag characters go: they hide
// text from the person who reviews it while a model still reads it.
func clean(in string) string {
	var out strings.Builder
	marks := 0
	space := false
	for _, r := range norm.NFC.String(strings.ToValidUTF8(in, "")) {
		switch {
		case unicode.IsSpace(r):
			space = out.Len() > 0
			continue
		case r == unicode.ReplacementChar, unicode.In(r, unicode.C, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point), !unicode.IsPrint(r):
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
		}
		if space {
			out.WriteByte(' ')
			space = false
		}
		out.WriteRune(r)
	}
	return out.String()
}

// clip shortens to limit runes at a word's end, and says so with an ellipsis.
func clip(in string, limit int) string {
	runes := []rune(in)
	if len(runes) <= limit {
		return in
	}
	cut := string(runes[:limit-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.-") + "…"
}
