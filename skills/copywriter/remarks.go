package main

import (
	"regexp"
	"strings"
	"unicode"
)

// wishes are what reviewers' remarks ask for, as far as they are understood. A later remark wins.
type wishes struct {
	shorter, longer           bool
	noTags, noLink, noEmoji   bool
	question, otherTrend      bool
	tone                      string
	mention, avoid, tags      []string
	notUnderstood, understood []string
}

func (w wishes) none() bool { return len(w.understood) == 0 && len(w.notUnderstood) == 0 }

// open says that a clause may continue what this one began: "mention bees and wasps".
type remarkRule struct {
	expr  *regexp.Regexp
	open  bool
	apply func(w *wishes, arg string)
}

func rule(expr string, apply func(w *wishes, arg string)) remarkRule {
	return remarkRule{expr: regexp.MustCompile(`(?i)^(?:` + expr + `)$`), apply: apply}
}

const (
	makeIt  = `(?:make (?:it|this|the (?:text|post)) |(?:it|this|the (?:text|post)) (?:is|should be) |(?:it|this)['’]s )?`
	without = `(?:no|without|remove|drop|lose|skip|(?:don['’]?t|do not) (?:use|add|include))(?: more)?(?: the| any| all)?(?: the)? `
)

var (
	// The order matters: "no hashtags" must not become a word to avoid, nor "add a question" a phrase to mention.
	remarkRules = []remarkRule{
		rule(makeIt+`(?:an? (?:bit|little) |much |even |way |far )?(?:shorter|briefer|tighter|more concise|too long|shorten(?: it| this)?|be brief|cut it down|fewer words|less text)`, func(w *wishes, _ string) { w.shorter, w.longer = true, false }),
		rule(makeIt+`(?:an? (?:bit|little) |much |even |way |far )?(?:longer|too short|more detail(?:ed|s)?)`, func(w *wishes, _ string) { w.longer, w.shorter = true, false }),
		rule(without+`(?:hash ?tags?|tags?)`, func(w *wishes, _ string) { w.noTags, w.tags = true, nil }),
		rule(without+`(?:links?|urls?)`, func(w *wishes, _ string) { w.noLink = true }),
		rule(without+`emojis?`, func(w *wishes, _ string) { w.noEmoji = true }),
		rule(`(?:ask|add|include|end with|finish with|close with)(?: them| readers)? a question(?: at the end)?`, func(w *wishes, _ string) { w.question = true }),
		rule(`(?:use |pick |choose |take |try |find )?(?:an? )?(?:different|another|other|new) (?:trend|topic|story|article|subject|news)`, func(w *wishes, _ string) { w.otherTrend = true }),
		rule(makeIt+`(?:an? (?:bit|little) )?(?:more )?(formal|serious|professional|playful|funny|funnier|warm|warmer|friendly|friendlier|casual)`, func(w *wishes, arg string) { w.tone = toneOf(arg) }),
		rule(`(?:add|use|include)(?: the)? (?:hash ?tag |tag )?#([\p{L}\p{N}_]+)|(?:add|use|include)(?: the)? (?:hash ?tag|tag) ([\p{L}\p{N}_]+)`, func(w *wishes, arg string) { w.tags, w.noTags = append(w.tags, arg), false }),
		{regexp.MustCompile(`(?i)^(?:avoid(?: saying| using)?|remove|delete|drop|leave out|take out|without|no mention of|(?:don['’]?t|do not|never) (?:say|use|mention|write))(?: the)?(?: (?:words?|terms?|phrase|name))? (.+)$`), true, func(w *wishes, arg string) {
			for _, term := range listEnd.Split(arg, -1) {
				w.avoid, w.mention = append(w.avoid, quoted([]string{"", term})), less(w.mention, term)
			}
		}},
		{regexp.MustCompile(`(?i)^(?:mention|include|add|say|bring in|talk about|write about)(?: that| the (?:words?|phrase|name))? (.+)$`), true, func(w *wishes, arg string) { w.mention, w.avoid = append(w.mention, arg), less(w.avoid, arg) }},
	}
	sentenceEnd = regexp.MustCompile(`[.!?;]+(?:\s+|$)|\n+`)
	clauseEnd   = regexp.MustCompile(`,\s*(?:and|but)?\s+|\s+(?:and|but|then)\s+`)
	loose       = regexp.MustCompile(`(?:,\s*(?:and|but)?|\s+(?:and|but|then))\s*$`)
	listEnd     = regexp.MustCompile(`,\s*(?:and|or)?\s*|\s+(?:and|or)\s+`)
	courtesy    = regexp.MustCompile(`(?i)^(?:please|pls|and|but|also|now|can you|could you|would you|i(?:'d| would) like you to|just)\s+`)
)

// understand reads remarks, oldest first. Free English is beyond it: what it cannot read is listed, never guessed.
func understand(remarks []string) wishes {
	var w wishes
	for _, remark := range remarks {
		for _, sentence := range sentenceEnd.Split(remark, -1) {
			w.readSentence(strings.TrimSpace(sentence))
		}
	}
	return w
}

func (w *wishes) readSentence(sentence string) {
	var open *remarkRule
	var from int // where the argument that may grow began
	start := 0
	flush := func(end int) {
		if open != nil {
			clause := bare(sentence[from:end])
			open.apply(w, quoted(open.expr.FindStringSubmatch(clause)))
			w.understood = append(w.understood, clause)
			open = nil
		}
	}
	for _, cut := range append(clauseEnd.FindAllStringIndex(sentence, -1), []int{len(sentence), len(sentence)}) {
		clause := bare(sentence[start:cut[0]])
		r := match(clause)
		switch {
		case clause == "":
		case r == nil && open != nil: // "mention bees | and wasps": the argument goes on
		case r == nil:
			w.notUnderstood = append(w.notUnderstood, clause)
		default:
			flush(start)
			if r.open {
				open, from = r, start
			} else {
				r.apply(w, quoted(r.expr.FindStringSubmatch(clause)))
				w.understood = append(w.understood, clause)
			}
		}
		start = cut[1]
	}
	flush(len(sentence))
}

func match(clause string) *remarkRule {
	for i := range remarkRules {
		if remarkRules[i].expr.MatchString(clause) {
			return &remarkRules[i]
		}
	}
	return nil
}

// bare strips courtesy and the punctuation or conjunction that a cut left at the end.
func bare(clause string) string {
	clause = strings.TrimSpace(clause)
	for courtesy.MatchString(clause) {
		clause = courtesy.ReplaceAllString(clause, "")
	}
	clause = loose.ReplaceAllString(clause, "")
	return strings.TrimRightFunc(clause, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",.;:!", r) })
}

// quoted is the first group that matched, without quotation marks.
func quoted(groups []string) string {
	for _, g := range groups[min(1, len(groups)):] {
		if g = strings.Trim(strings.TrimSpace(g), `"'“”‘’`); g != "" {
			return g
		}
	}
	return ""
}

func less(list []string, gone string) []string {
	var out []string
	for _, s := range list {
		if !strings.EqualFold(s, gone) {
			out = append(out, s)
		}
	}
	return out
}
