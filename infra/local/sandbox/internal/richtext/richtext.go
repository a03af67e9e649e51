// Package richtext finds the links in a post, so that every page shows the same ones.
package richtext

import (
	"net/url"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"chimera/infra/local/sandbox/internal/ledger"
)

// Segment is a run of text; Href is "" or an http(s) URL; Tag is "" or a hashtag without its "#".
type Segment struct {
	Text, Href, Tag string
}

var (
	urlPattern = regexp.MustCompile(`https?://[^\s<>"'\x60]+`)
	tagPattern = regexp.MustCompile(`(^|[^\p{L}\p{N}_/&#])#([\p{L}\p{N}_]*\p{L}[\p{L}\p{N}_]*)`)
)

// URLs are the byte ranges of links in plain text, without the punctuation that ends a sentence.
func URLs(text string) [][2]int {
	var found [][2]int
	for _, at := range urlPattern.FindAllStringIndex(text, -1) {
		end := at[0] + len(strings.TrimRight(text[at[0]:at[1]], ".,;:!?…"))
		if strings.HasSuffix(text[at[0]:end], ")") && !strings.Contains(text[at[0]:end], "(") {
			end--
		}
		if Safe(text[at[0]:end]) {
			found = append(found, [2]int{at[0], end})
		}
	}
	return found
}

// Safe says whether a link may be put on a page: http or https with a host.
func Safe(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// Plain splits text whose links are written out, as on Mastodon.
func Plain(text string) []Segment {
	var links []ledger.Link
	for _, at := range URLs(text) {
		links = append(links, ledger.Link{Start: at[0], End: at[1], URI: text[at[0]:at[1]]})
	}
	return Linked(text, links)
}

// Linked splits text by its links. A link that is out of range, cuts a character, overlaps the one
// before or is not Safe is left as text.
func Linked(text string, links []ledger.Link) []Segment {
	links = append([]ledger.Link(nil), links...)
	sort.Slice(links, func(i, j int) bool { return links[i].Start < links[j].Start })
	var out []Segment
	done := 0
	for _, l := range links {
		if l.Start < done || l.End <= l.Start || l.End > len(text) || !utf8.ValidString(text[l.Start:l.End]) || !Safe(l.URI) {
			continue
		}
		out = append(appendTags(out, text[done:l.Start]), Segment{Text: text[l.Start:l.End], Href: l.URI})
		done = l.End
	}
	return appendTags(out, text[done:])
}

func appendTags(out []Segment, text string) []Segment {
	done := 0
	for _, m := range tagPattern.FindAllStringSubmatchIndex(text, -1) {
		start := m[4] - 1 // the "#" itself
		if start > done {
			out = append(out, Segment{Text: text[done:start]})
		}
		out = append(out, Segment{Text: text[start:m[5]], Tag: text[m[4]:m[5]]})
		done = m[5]
	}
	if done < len(text) {
		out = append(out, Segment{Text: text[done:]})
	}
	return out
}
