package mastodon

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

// PlainText is the text that a server rendered as HTML: a paragraph is a blank line, links and hashtags read
// as they were written.
func PlainText(content string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(content))
	for {
		switch z.Next() {
		case html.ErrorToken: // the end; the tokenizer accepts any bytes
			return strings.TrimSpace(out.String())
		case html.TextToken:
			out.Write(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); string(name) == "br" {
				out.WriteByte('\n')
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "p" {
				out.WriteString("\n\n")
			}
		}
	}
}

// Normalised makes two texts comparable across what servers change: Unicode form and white space.
func Normalised(text string) string {
	return strings.Join(strings.Fields(norm.NFC.String(text)), " ")
}

// remoteMention is "@user@server", which servers render without the server.
var remoteMention = regexp.MustCompile(`(@[A-Za-z0-9_]+)@[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]`)

// SameText reports whether a rendered status is this text.
func SameText(content, text string) bool {
	plain := func(s string) string { return Normalised(remoteMention.ReplaceAllString(s, "$1")) }
	return plain(PlainText(content)) == plain(text)
}
