package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"chimera/services/kit/terms"
)

var (
	linkPattern    = regexp.MustCompile(`(?i)(?:https?://|www\.)[^\s<>"]+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24}/[^\s<>"]*`)
	mentionPattern = regexp.MustCompile(`(?:^|[^\p{L}\p{N}_/])(@[\p{L}\p{N}_][\p{L}\p{N}_.@-]*)`)
	tagPattern     = regexp.MustCompile(`(?:^|[\s(])#([\p{L}\p{N}_]+)`)
)

// constraints hold for every draft, whoever wrote it: a model is not trusted to have kept them.
type constraints struct {
	limits
	banned []string
	links  []string // the only ones a draft may carry; none may when noLink
	spoken string   // what trusted people wrote: mentions may come from there alone
	wishes wishes
	prior  string
}

func constrain(in draftIn, w wishes) (constraints, error) {
	l, err := newLimits(in.Platform, in.MaxGraphemes)
	c := constraints{limits: l, banned: slices.Concat(in.Persona.Never, w.avoid), wishes: w, prior: in.PreviousText}
	c.spoken = strings.ToLower(strings.Join(append([]string{in.Goal, in.Persona.Voice, in.PreviousText}, in.Remarks...), "\n"))
	if !w.noLink {
		for _, t := range in.Trends {
			if usableLink(t.URL) {
				c.links = append(c.links, t.URL)
			}
		}
		for _, trusted := range append([]string{in.Goal, in.PreviousText}, in.Remarks...) {
			c.links = append(c.links, linksIn(trusted)...)
		}
	}
	return c, err
}

// violation says, in words a model or a person can act on, which rule text breaks; empty when it keeps all.
func (c constraints) violation(text string) string {
	switch {
	case strings.TrimSpace(text) == "":
		return "the text is empty"
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		return r == unicode.ReplacementChar || unicode.Is(unicode.Cc, r) && r != '\n' || unicode.In(r, unicode.Bidi_Control) || r == '\u200b' || r == '\ufeff'
	}):
		return "the text holds control or invisible characters"
	case !c.fits(text):
		return fmt.Sprintf("the text has %d characters, at most %d are allowed", c.rules.Count(text), c.max)
	case c.wishes.noTags && tagPattern.MatchString(text):
		return "a reviewer asked for no hashtags"
	case text == c.prior && !c.wishes.none():
		return "a reviewer asked for changes, and the text is the same"
	}
	if hit := terms.Find([]string{text}, c.banned); hit != "" {
		return fmt.Sprintf("the text says %q, which must not be said", hit)
	}
	for _, link := range linksIn(text) {
		if !slices.Contains(c.links, link) {
			return fmt.Sprintf("the link %q is not one of those given", link)
		}
	}
	for _, m := range mentionPattern.FindAllStringSubmatch(text, -1) {
		if who := strings.TrimRight(m[1], ".-_"); !strings.Contains(c.spoken, strings.ToLower(who)) {
			return fmt.Sprintf("nobody asked to mention %q", who)
		}
	}
	return ""
}

// usableLink is one that stays whole in a post.
func usableLink(link string) bool {
	found := linksIn(link)
	return len(found) == 1 && found[0] == link && strings.Contains(link, "://")
}

// linksIn finds links without the sentence's punctuation behind them.
func linksIn(text string) []string {
	found := linkPattern.FindAllString(text, -1)
	for i := range found {
		found[i] = strings.TrimRight(found[i], ".,;:!?)]'…")
	}
	return found
}

func tagsIn(text string) []string {
	tags := []string{}
	for _, m := range tagPattern.FindAllStringSubmatch(text, -1) {
		if strings.ContainsFunc(m[1], unicode.IsLetter) && !slices.Contains(tags, m[1]) {
			tags = append(tags, m[1])
		}
	}
	return tags
}
