package platforms

import (
	"slices"
	"strings"
)

// Where a platform is told that content is AI-made.
const (
	// FieldSelfLabel is a machine-readable label on the record; TextSuffix may add words for readers.
	FieldSelfLabel = "self_label"
	// FieldText is the text itself, on platforms without a field.
	FieldText = "text"
)

// Disclosure is how AI-made content is marked on one platform (R10.6).
type Disclosure struct {
	Field string `yaml:"field"`
	// Label is the self-label's value; empty where the platform has none.
	Label string `yaml:"label"`
	// TextSuffix ends the text; empty where the field alone is shown to readers.
	TextSuffix string `yaml:"text_suffix"`
	// Source is where the rule was read.
	Source string `yaml:"source"`
}

// Apply returns text and labels with the disclosure in them. It adds nothing that is there already, so it
// may run at the proposal and again before the call.
func (d Disclosure) Apply(text string, labels []string) (string, []string) {
	if d.Label != "" && !slices.Contains(labels, d.Label) {
		labels = append(slices.Clone(labels), d.Label)
	}
	if !d.inText(text) {
		text = strings.TrimRight(text, " \t\r\n") + d.TextSuffix
	}
	return text, labels
}

// Present reports whether both parts of the disclosure are there.
func (d Disclosure) Present(text string, labels []string) bool {
	return d.inText(text) && (d.Label == "" || slices.Contains(labels, d.Label))
}

// The wording counts wherever it stands: a reviewer may move it, not remove it.
func (d Disclosure) inText(text string) bool {
	return strings.Contains(text, strings.TrimSpace(d.TextSuffix))
}
