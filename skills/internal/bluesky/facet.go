package bluesky

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// Facet marks a range of the text as a link or a tag. Offsets are UTF-8 bytes, end exclusive.
type Facet struct {
	Index    Range     `json:"index"`
	Features []Feature `json:"features"`
}

// Range is in UTF-8 bytes.
type Range struct {
	ByteStart int `json:"byteStart"`
	ByteEnd   int `json:"byteEnd"`
}

// Feature is a link (URI) or a tag (Tag, without '#').
type Feature struct {
	Type string `json:"$type"`
	URI  string `json:"uri,omitempty"`
	Tag  string `json:"tag,omitempty"`
}

const (
	linkFeature = "app.bsky.richtext.facet#link"
	tagFeature  = "app.bsky.richtext.facet#tag"
	// Limits of the lexicon for one tag.
	maxTagGraphemes = 64
	maxTagBytes     = 640
)

var (
	linkPattern = regexp.MustCompile(`https?://[^\s<>"]+`)
	// A tag begins at the text's start or after white space or an opening bracket; what may be in it is
	// decided by tagOf.
	tagPattern = regexp.MustCompile(`(?:^|[\s(\[{])([#＃][^\s#＃]+)`)
)

// Facets finds links and hashtags, in the order of the text. They never overlap.
func Facets(text string) []Facet {
	var facets []Facet
	for _, at := range linkPattern.FindAllStringIndex(text, -1) {
		uri := trimLink(text[at[0]:at[1]])
		if len(uri) > len("https://") {
			facets = append(facets, Facet{Range{at[0], at[0] + len(uri)}, []Feature{{Type: linkFeature, URI: uri}}})
		}
	}
	links := len(facets)
	for _, at := range tagPattern.FindAllStringSubmatchIndex(text, -1) {
		start := at[2]
		marked, tag := tagOf(text[start:at[3]])
		end := start + len(marked)
		inLink := slices.ContainsFunc(facets[:links], func(f Facet) bool { return start < f.Index.ByteEnd && end > f.Index.ByteStart })
		if tag != "" && !inLink {
			facets = append(facets, Facet{Range{start, end}, []Feature{{Type: tagFeature, Tag: tag}}})
		}
	}
	slices.SortFunc(facets, func(a, b Facet) int { return a.Index.ByteStart - b.Index.ByteStart })
	return facets
}

// trimLink leaves the sentence's punctuation outside, and closing brackets that the link has not opened.
func trimLink(uri string) string {
	for uri != "" {
		last := uri[len(uri)-1]
		bracket := last == ')' && strings.Count(uri, ")") > strings.Count(uri, "(") || last == ']' && strings.Count(uri, "]") > strings.Count(uri, "[")
		if !bracket && !strings.ContainsRune(".,;:!?'*", rune(last)) {
			break
		}
		uri = uri[:len(uri)-1]
	}
	return uri
}

// tagOf returns the marked text with its sign and the tag without; both empty if it is no tag, such as "#1".
func tagOf(raw string) (marked, tag string) {
	marked = strings.TrimRightFunc(raw, func(r rune) bool { return unicode.IsPunct(r) && r != '#' && r != '＃' })
	tag = strings.TrimPrefix(strings.TrimPrefix(marked, "#"), "＃")
	isWord := strings.ContainsFunc(tag, func(r rune) bool { return !unicode.IsDigit(r) && !unicode.IsPunct(r) && r != '\ufe0f' && r != '\u20e3' })
	if !isWord || len(tag) > maxTagBytes || uniseg.GraphemeClusterCount(tag) > maxTagGraphemes {
		return "", ""
	}
	return marked, tag
}

// TagsIn are the hashtags of a text, without '#'.
func TagsIn(text string) []string {
	var tags []string
	for _, f := range Facets(text) {
		if f.Features[0].Tag != "" {
			tags = append(tags, f.Features[0].Tag)
		}
	}
	return tags
}
