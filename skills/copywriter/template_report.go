package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"chimera/skills/internal/skillkit"
)

// report gives templates little confidence, whatever they made: a person must look (R10.1).
func (k *composer) report(text string) skillkit.Report {
	w := k.c.wishes
	r := skillkit.Report{Method: methodTemplate, Basis: "composed from templates, no model", Confidence: 0.4, Tainted: k.in.tainted(), Prompt: k.context()}
	lower := func(by float64, why string) { r.Confidence -= by; r.Basis += "; " + why }
	if k.trend == nil {
		lower(0.1, "no trend matched the goal")
	} else if k.uses(text) {
		r.Sources = []skillkit.Source{{URL: k.trend.URL, Title: k.trend.Title, Tainted: k.trend.Tainted}}
	}
	if lang := k.in.Persona.Language; lang != "" && !strings.HasPrefix(strings.ToLower(lang), "en") {
		lower(0.2, fmt.Sprintf("no templates in %q, so it is in English", lang))
		r.Degraded = append(r.Degraded, "written in English: there are no templates in "+lang)
	}
	for _, what := range k.unmet(text) {
		lower(0.1, what)
		r.Degraded = append(r.Degraded, what)
	}
	for _, clause := range w.notUnderstood {
		lower(0.1, fmt.Sprintf("a remark was not understood: %q", clause))
		r.Degraded = append(r.Degraded, fmt.Sprintf("not understood: %q", clause))
	}
	r.Confidence = math.Round(max(0.05, r.Confidence)*100) / 100
	return r
}

// unmet lists wishes that were understood and yet not fulfilled.
func (k *composer) unmet(text string) []string {
	var out []string
	if w := k.c.wishes; w.shorter && k.c.prior != "" && k.c.rules.Count(text) >= k.c.rules.Count(k.c.prior) {
		out = append(out, "it could not be made shorter")
	} else if w.longer && k.c.rules.Count(text) <= k.c.rules.Count(k.c.prior) {
		out = append(out, "it could not be made longer")
	}
	for _, m := range k.c.wishes.mention {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(m)) {
			out = append(out, fmt.Sprintf("%q could not be mentioned", m))
		}
	}
	return out
}

// context records what the text was made from (R10.6).
func (k *composer) context() string {
	used := map[string]any{"template": methodTemplate, "tone": k.tone, "goal": k.in.Goal, "understood": k.c.wishes.understood, "not_understood": k.c.wishes.notUnderstood, "memory": k.memory}
	if k.trend != nil {
		used["trend"] = k.trend.URL
	}
	raw, _ := json.Marshal(used)
	return string(raw)
}
