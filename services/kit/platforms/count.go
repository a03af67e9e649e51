package platforms

import (
	"regexp"
	"strings"

	"github.com/rivo/uniseg"
)

var (
	link = regexp.MustCompile(`https?://[^\s<>"]+`)
	// A remote mention, "@user@example.org"; the first group is what counts.
	mention = regexp.MustCompile(`(@[A-Za-z0-9_]+)@[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]`)
)

// Count is the text's length as the platform counts it, in user-perceived characters (a flag or a family
// emoji is one), after its rules for links and mentions. Compare it with Limit.
func (r Rules) Count(text string) int {
	if r.LinkChars > 0 {
		text = link.ReplaceAllStringFunc(text, func(found string) string {
			// Punctuation after a link is the sentence's, not the link's.
			bare := strings.TrimRight(found, ".,;:!?)]'")
			return strings.Repeat("x", r.LinkChars) + found[len(bare):]
		})
	}
	if r.MentionLocalPartOnly {
		text = mention.ReplaceAllString(text, "$1")
	}
	return uniseg.GraphemeClusterCount(text)
}

// Limit is the most that Count may be.
func (r Rules) Limit() int {
	if r.MaxGraphemes > 0 {
		return r.MaxGraphemes
	}
	return r.MaxChars
}

// DraftLimit is what a draft may take, so that the disclosure still fits behind it. Never below 1.
func (r Rules) DraftLimit() int {
	return max(1, r.Limit()-uniseg.GraphemeClusterCount(r.Disclosure.TextSuffix))
}
