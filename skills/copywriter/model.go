package main

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/skillkit"
)

// model is one provider's API. It is given no tools: whatever a text from outside talks it into, it can only
// answer, and the answer is checked.
type model interface {
	complete(ctx context.Context, p prompt) (completion, error)
	method() string
}

type completion struct {
	text, model               string
	inputTokens, outputTokens int64
}

// maxCompletions: the first answer and one correction.
const maxCompletions = 2

// Confidence of a validated answer. The checks prove form, not truth; a person still reviews (R10.3).
const (
	confidenceFirst  = 0.7
	confidenceSecond = 0.6
)

type modelWriter struct {
	cfg   config
	model model
}

// modelAnswer is the only form an answer may have.
type modelAnswer struct {
	Text         string   `json:"text"`
	Alternatives []string `json:"alternatives"`
	UsedTrendURL string   `json:"used_trend_url"`
	Language     string   `json:"language"`
}

// draft fails with the provider's error, or with OUTPUT_INVALID (Unavailable, so it is tried again later) when
// two answers in a row break a rule.
func (m *modelWriter) draft(ctx context.Context, in draftIn) (draftOut, skillkit.Report, error) {
	w := understand(in.Remarks)
	c, err := constrain(in, w)
	if err != nil {
		return draftOut{}, skillkit.Report{}, err
	}
	p := newPrompt(in, c)
	r := skillkit.Report{Method: m.model.method(), Prompt: p.record(), Tainted: in.tainted()}
	for try := range maxCompletions {
		done, err := m.model.complete(ctx, p)
		if err != nil {
			return draftOut{}, r, err
		}
		r.Model = done.model
		r.InputTokens += done.inputTokens
		r.OutputTokens += done.outputTokens
		r.CostMicros = m.cost(r.InputTokens, r.OutputTokens)
		answer, wrong := readAnswer(done.text, in, c)
		if wrong == "" {
			r.Confidence, r.Basis = confidenceFirst, "written by a model; length, words, links and mentions are checked, facts are not"
			if try > 0 {
				r.Confidence = confidenceSecond
				r.Basis += "; the first answer broke a rule: " + p.complaintShort
			}
			out := answer.out(in, c)
			r.Sources = sourcesOf(in, out.UsedTrendURL)
			return out, r, nil
		}
		p = p.corrected(done.text, wrong)
	}
	return draftOut{}, r, errs.New(errs.Unavailable, typev1.Reason_REASON_OUTPUT_INVALID, "the model broke the rules twice: "+p.complaintShort)
}

// readAnswer decodes strictly and says what is wrong, empty when nothing is.
func readAnswer(text string, in draftIn, c constraints) (modelAnswer, string) {
	var a modelAnswer
	text = strings.TrimSpace(text)
	if fenced, ok := strings.CutPrefix(text, "```"); ok {
		text = strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(fenced, "json")), "```")
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&a); err != nil {
		return a, "the answer is not the one JSON object that was asked for"
	}
	if _, err := dec.Token(); err != io.EOF {
		return a, "there is text behind the JSON object"
	}
	a.Text = strings.TrimSpace(a.Text)
	if wrong := c.violation(a.Text); wrong != "" {
		return a, wrong
	}
	if a.UsedTrendURL != "" && !slices.ContainsFunc(in.Trends, func(t trend) bool { return t.URL == a.UsedTrendURL }) {
		return a, "used_trend_url is not one of the trends given"
	}
	if len(a.Language) > 35 || strings.ContainsFunc(a.Language, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	}) {
		return a, "language is not a BCP 47 tag"
	}
	return a, ""
}

// out drops alternatives that break a rule: they are a convenience, not worth another call.
func (a modelAnswer) out(in draftIn, c constraints) draftOut {
	language := a.Language
	if language == "" {
		language = in.Persona.Language
	}
	if language == "" {
		language = "en"
	}
	out := draftOut{Text: a.Text, Langs: []string{language}, Tags: tagsIn(a.Text), Alternatives: []string{}, UsedTrendURL: a.UsedTrendURL}
	for _, alt := range a.Alternatives {
		if alt = strings.TrimSpace(alt); c.violation(alt) == "" && alt != a.Text && !slices.Contains(out.Alternatives, alt) && len(out.Alternatives) < wantAlternatives {
			out.Alternatives = append(out.Alternatives, alt)
		}
	}
	return out
}

func (m *modelWriter) cost(input, output int64) int64 {
	return int64(math.Ceil((float64(input)*m.cfg.InputPer1K + float64(output)*m.cfg.OutputPer1K) / 1000 * 1e6))
}

func sourcesOf(in draftIn, url string) []skillkit.Source {
	for _, t := range in.Trends {
		if url != "" && t.URL == url {
			return []skillkit.Source{{URL: t.URL, Title: t.Title, Tainted: t.Tainted}}
		}
	}
	return nil
}
