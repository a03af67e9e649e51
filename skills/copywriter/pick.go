package main

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"chimera/services/kit/terms"
)

// Room for what the persona and the goal say of themselves, in graphemes.
const (
	maxSubject  = 60
	maxHeadline = 160
	maxTags     = 3
)

// bestTrend is the one that shares most words with goal and topics, the newest first among equals; the one the
// previous text was about stays unless another was asked for. nil when none shares any.
func bestTrend(in draftIn, c constraints) *trend {
	about := stems(in.Goal + " " + strings.Join(in.Persona.Topics, " ") + " " + strings.Join(in.Persona.Hashtags, " "))
	best, bestScore := -1, 0
	for i, t := range in.Trends {
		if headline(t.Title, c) == "" {
			continue
		}
		had := in.PreviousText != "" && (t.URL != "" && strings.Contains(in.PreviousText, t.URL) || strings.Contains(in.PreviousText, headline(t.Title, c)))
		score := 2*overlap(stems(t.Title), about) + overlap(stems(t.Summary), about)
		switch {
		case had && c.wishes.otherTrend:
			continue
		case had:
			return &in.Trends[i]
		case score > bestScore:
			best, bestScore = i, score
		}
	}
	if best < 0 {
		return nil
	}
	return &in.Trends[best]
}

// headline is a foreign title made safe to quote: no links, no mentions or hashtags that would go live, no words
// that must not be said. Empty when nothing of it may stand.
func headline(title string, c constraints) string {
	title = linkPattern.ReplaceAllString(title, "")
	title = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '@' || r == '#' || unicode.Is(unicode.C, r) || r == utf8.RuneError:
			return -1
		case r == '“' || r == '”' || r == '"':
			return '\''
		case c.wishes.noEmoji && isEmoji(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(title, ""))
	title = strings.TrimRight(strings.Join(strings.Fields(title), " "), ".!,;:… ")
	if title == "" || terms.Find([]string{title}, c.banned) != "" || len(linksIn(title)) > 0 {
		return ""
	}
	return title
}

// shorten cuts at a word's end and says so; empty when not even the first word fits.
func shorten(text string, max int) string {
	if uniseg.GraphemeClusterCount(text) <= max {
		return text
	}
	out := ""
	for _, word := range strings.Fields(text) {
		next := strings.TrimSpace(out + " " + word)
		if uniseg.GraphemeClusterCount(next)+1 > max {
			break
		}
		out = next
	}
	if out == "" {
		return ""
	}
	return strings.TrimRight(out, ".,;:!?-–— ") + "…"
}

var errand = regexp.MustCompile(`(?i)^(?:please )?(?:tell|inform|teach|remind|show|persuade|convince|get|help|inspire|encourage) (?:people|everyone|readers|followers|our [\p{L} ]+?|the [\p{L}]+|more people|[\p{L}]+) (?:about|of|that|to (?:care about|love|try|visit|join|support|discover|enjoy))\s+|^(?:please )?(?:post|write|talk|speak|report) (?:about|on)\s+|^(?:please )?(?:promote|announce|advertise|share|cover|celebrate|highlight|explain|present|launch|support)\s+|^(?:please )?(?:raise|grow|build|increase|spread|create|drive) (?:the )?(?:awareness|interest|excitement|attention|word|enthusiasm|engagement|support|trust)(?: (?:of|for|in|about|around|on|with))?\s+`)

// subjects are what the post may say it is about, best first: the topic nearest to the trend, then what the goal
// names once the order in it is taken off, then the other topics.
func subjects(in draftIn, t *trend, c constraints) []string {
	topics := slices.Clone(in.Persona.Topics)
	if t != nil {
		about := stems(t.Title + " " + t.Summary)
		slices.SortStableFunc(topics, func(a, b string) int { return overlap(stems(b), about) - overlap(stems(a), about) })
	}
	if named := errand.ReplaceAllString(firstSentence(in.Goal), ""); named != firstSentence(in.Goal) {
		topics = slices.Insert(topics, min(1, len(topics)), named)
	}
	var out []string
	for _, s := range topics {
		s = headline(s, c)
		if s != "" && uniseg.GraphemeClusterCount(s) <= maxSubject {
			out = append(out, s)
		}
	}
	return out
}

func firstSentence(s string) string {
	if i := strings.IndexAny(s, ".!?\n"); i > 0 {
		s = s[:i]
	}
	return strings.TrimSpace(s)
}

// pickTags are the persona's hashtags that fit the trend best, and those a reviewer asked for first.
func pickTags(in draftIn, t *trend, c constraints) []string {
	if c.wishes.noTags {
		return nil
	}
	own := slices.Clone(in.Persona.Hashtags)
	if t != nil {
		about := stems(t.Title + " " + t.Summary)
		slices.SortStableFunc(own, func(a, b string) int { return overlap(stems(b), about) - overlap(stems(a), about) })
	}
	var out []string
	for _, tag := range slices.Concat(c.wishes.tags, own) {
		tag = strings.TrimLeft(strings.TrimSpace(tag), "#")
		valid := tagsIn("#" + tag)
		if len(valid) == 1 && valid[0] == tag && !slices.Contains(out, tag) && terms.Find([]string{"#" + tag}, c.banned) == "" &&
			(c.rules.MaxTagGraphemes == 0 || uniseg.GraphemeClusterCount(tag) <= c.rules.MaxTagGraphemes) && len(out) < maxTags {
			out = append(out, tag)
		}
	}
	return out
}

// stems are the words that carry meaning, without their commonest endings.
func stems(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range terms.Words(text) {
		if utf8.RuneCountInString(w) < 2 || stopWords[w] {
			continue
		}
		for _, end := range []string{"ing", "ers", "ies", "es", "er", "ed", "s", "e", "y"} {
			if cut, ok := strings.CutSuffix(w, end); ok && utf8.RuneCountInString(cut) >= 3 {
				w = cut
				break
			}
		}
		out[w] = true
	}
	return out
}

func overlap(a, b map[string]bool) int {
	n := 0
	for w := range a {
		if b[w] {
			n++
		}
	}
	return n
}

var stopWords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields("a an the and or but of on in to for with about from by at as is are was be it its this that these those you your we our us they them people more most how what why who when will can get make tell new say says said not no") {
		m[w] = true
	}
	return m
}()

func isEmoji(r rune) bool {
	return unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) && r > 0x2000 || r >= 0x1F000 && r <= 0x1FAFF
}
