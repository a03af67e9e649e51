package secret

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

const (
	// Shorter values would also black out ordinary words, and are guessable anyway.
	minKnown = 6
	// A skill meets the credentials of many accounts: the oldest are forgotten rather than memory growing.
	maxKnown = 2048
)

// Set knows secret values and removes them from encoded text. Its methods may be called concurrently.
type Set struct {
	mu       sync.Mutex
	values   []string
	replacer *strings.Replacer // nil when values changed since it was built
}

var process Set

// Process is the set of this process's own secrets: one process has one log.
func Process() *Set { return &process }

// Add makes values known. Values under 6 bytes are ignored; beyond 2048 values the oldest are forgotten.
func (s *Set) Add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		if len(v) < minKnown || slices.Contains(s.values, v) {
			continue
		}
		s.values = append(s.values, v)
		if len(s.values) > maxKnown {
			s.values = slices.Delete(s.values, 0, len(s.values)-maxKnown)
		}
		s.replacer = nil
	}
}

// Redact returns text with known secrets, in each encoding they may travel in, and everything that has the
// shape of a secret replaced by Mask. A line that was valid JSON stays valid JSON. The input is not changed.
func (s *Set) Redact(text []byte) []byte {
	out := redactShapes([]byte(s.known().Replace(string(text))))
	if !bytes.Equal(out, text) && json.Valid(text) && !json.Valid(out) {
		// A secret that is itself JSON syntax tore the line: losing the line is better than losing the secret.
		return []byte(`{"msg":"` + Mask + `: the whole line, it could not be cut safely"}` + trailingNewline(text))
	}
	return out
}

// RedactString is Redact for one text.
func (s *Set) RedactString(text string) string { return string(s.Redact([]byte(text))) }

func (s *Set) known() *strings.Replacer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replacer == nil {
		var all []string
		for _, v := range s.values {
			all = append(all, forms(v)...)
		}
		// Longest first: where two forms start at the same byte the longer one must win.
		slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
		pairs := make([]string, 0, 2*len(all))
		for _, f := range slices.Compact(all) {
			pairs = append(pairs, f, Mask)
		}
		s.replacer = strings.NewReplacer(pairs...)
	}
	return s.replacer
}

func trailingNewline(text []byte) string {
	if bytes.HasSuffix(text, []byte("\n")) {
		return "\n"
	}
	return ""
}
