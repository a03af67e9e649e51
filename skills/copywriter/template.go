package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/terms"
	"chimera/skills/internal/skillkit"
)

const (
	methodTemplate = "template/v1"
	// maxTries bounds how many variants are composed in search of three that keep every rule.
	maxTries         = 60
	wantAlternatives = 2
)

// fromTemplates composes a draft without any model. The same input gives the same text. It never breaks a
// constraint: when the words run out it fails with POLICY_VIOLATION and says why.
func fromTemplates(_ context.Context, in draftIn) (draftOut, skillkit.Report, error) {
	w := understand(in.Remarks)
	c, err := constrain(in, w)
	if err != nil {
		return draftOut{}, skillkit.Report{}, err
	}
	comp := newComposer(in, c)
	found := comp.variants()
	if len(found) == 0 {
		return draftOut{}, skillkit.Report{}, errs.New(errs.Invalid, typev1.Reason_REASON_POLICY_VIOLATION, "no text can be composed: the words to avoid and the room given leave nothing to say")
	}
	text := found[0]
	out := draftOut{Text: text, Langs: []string{"en"}, Tags: tagsIn(text), Alternatives: found[1:]}
	if comp.trend != nil && comp.uses(text) {
		out.UsedTrendURL = comp.trend.URL
	}
	return out, comp.report(text), nil
}

type composer struct {
	in       draftIn
	c        constraints
	rng      *rand.Rand
	tone     string
	trend    *trend
	headline string
	subjects []string
	tags     []string
	memory   signals
}

func newComposer(in draftIn, c constraints) *composer {
	raw, _ := json.Marshal(in) // plain strings and numbers always marshal
	sum := sha256.Sum256(raw)
	k := &composer{in: in, c: c, tone: c.wishes.tone, memory: recall(in, c)}
	k.rng = rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
	if k.tone == "" {
		k.tone = toneOf(in.Persona.Voice)
	}
	if k.trend = bestTrend(in, c); k.trend != nil {
		k.headline = shorten(headline(k.trend.Title, c), maxHeadline)
	}
	k.subjects, k.tags = subjects(in, k.trend, c), pickTags(in, k.trend, c)
	return k
}

// variants are distinct texts that keep every rule and wish, the chosen one first.
func (k *composer) variants() []string {
	var found []string
	for _, room := range k.rooms() {
		for range maxTries {
			text := k.compose(room)
			if text != "" && k.c.fitsIn(text, room) && k.c.violation(text) == "" && !slices.Contains(found, text) {
				found = append(found, text)
			}
			if len(found) > wantAlternatives {
				return found
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// rooms are the lengths to try, in graphemes. "Shorter" means by a quarter if that can be done, else at all.
func (k *composer) rooms() []int {
	prior := k.c.rules.Count(k.c.prior)
	if !k.c.wishes.shorter || prior < 2 {
		return []int{k.c.max}
	}
	return []int{min(k.c.max, prior*3/4), min(k.c.max, prior-1), k.c.max}
}

// compose drops what matters least until the rest fits in room: the closing line, the middle, hashtags from the
// last, words of the headline, and only then the link. Words and links are never cut.
func (k *composer) compose(room int) string {
	p := k.parts()
	for _, less := range []func(){
		func() {}, func() { p.close = "" }, func() { p.middle = "" },
		func() { p.tags = p.tags[:min(2, len(p.tags))] }, func() { p.tags = p.tags[:min(1, len(p.tags))] }, func() { p.tags = nil },
		func() { p.lead = k.lead(80) }, func() { p.lead = k.lead(40) }, func() { p.lead = k.lead(20) },
		func() { p.lead = pick(k.rng, k.sayable(lastLines)) }, func() { p.link = "" },
	} {
		less()
		if text := p.text(); k.c.fitsIn(text, room) {
			return text
		}
	}
	return ""
}

type parts struct {
	lead, middle, close, link string
	mention, tags             []string
}

func (k *composer) parts() parts {
	tone := tones[k.tone]
	p := parts{lead: k.lead(maxHeadline), tags: slices.Clone(k.tags), mention: k.mentions()}
	if k.trend != nil && usableLink(k.trend.URL) && !k.c.wishes.noLink {
		p.link = k.trend.URL
	}
	if !k.memory.Short || k.c.wishes.longer {
		p.middle = pick(k.rng, k.sayable(k.fill(tone.middle, k.headline)))
	}
	switch closing := k.sayable(tone.close); {
	case k.c.wishes.question || k.memory.Question && !k.c.wishes.shorter:
		// Asked for: it is not among what may be dropped.
		p.mention = append(p.mention, pick(k.rng, k.sayable(tone.ask)))
	case k.rng.IntN(2) == 0:
		p.close = pick(k.rng, k.sayable(tone.ask))
	default:
		p.close = pick(k.rng, closing)
	}
	return p
}

// lead is the first sentence, with the headline shortened to at most max graphemes.
func (k *composer) lead(max int) string {
	tone := tones[k.tone]
	if quote := shorten(k.headline, max); quote != "" {
		if lead := pick(k.rng, k.sayable(k.fill(tone.withTrend, quote))); lead != "" {
			return lead
		}
	}
	if lead := pick(k.rng, k.sayable(k.fill(tone.withoutTrend, ""))); lead != "" {
		return lead
	}
	return pick(k.rng, k.sayable(lastLines))
}

// fill puts the words into the phrases, and leaves out the phrases it has no words for.
func (k *composer) fill(phrases []string, quote string) []string {
	audience := headline(k.in.Persona.Audience, k.c)
	if len(audience) > maxSubject {
		audience = ""
	}
	var out []string
	for _, phrase := range phrases {
		switch {
		case strings.Contains(phrase, "{trend}") && quote == "", strings.Contains(phrase, "{audience}") && audience == "", strings.Contains(phrase, "{subject}") && len(k.subjects) == 0:
			continue
		}
		subject := ""
		if len(k.subjects) > 0 {
			subject = k.subjects[0]
		}
		out = append(out, strings.NewReplacer("{trend}", "“"+quote+"”", "{audience}", audience, "{subject}", subject).Replace(phrase))
	}
	return out
}

// mentions are the sentences a reviewer asked for, in the reviewer's words.
func (k *composer) mentions() []string {
	var out []string
	for _, m := range k.c.wishes.mention {
		if terms.Find([]string{m}, k.c.banned) == "" {
			out = append(out, sentence(m))
		}
	}
	return out
}

func (k *composer) sayable(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(s string) bool { return terms.Find([]string{s}, k.c.banned) != "" })
}

func (k *composer) uses(text string) bool {
	return k.trend.URL != "" && strings.Contains(text, k.trend.URL) || strings.Contains(text, "“")
}

func (p parts) text() string {
	body := join(" ", append([]string{p.lead, p.middle}, append(slices.Clone(p.mention), p.close)...)...)
	var tags []string
	for _, t := range p.tags {
		tags = append(tags, "#"+t)
	}
	return join("\n\n", body, p.link, strings.Join(tags, " "))
}

func pick(rng *rand.Rand, from []string) string {
	if len(from) == 0 {
		return ""
	}
	return from[rng.IntN(len(from))]
}
