package secret

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// forms lists how a value may look once libraries have encoded it, itself first.
func forms(v string) []string {
	out := []string{
		v, url.QueryEscape(v), url.PathEscape(v), lowerEscapes(url.QueryEscape(v)), lowerEscapes(url.PathEscape(v)),
		hex.EncodeToString([]byte(v)), strings.ToUpper(hex.EncodeToString([]byte(v))),
	}
	out = append(out, base64Forms(v)...)
	// Two rounds: a JSON document logged as a string is escaped again by the log's own encoder.
	for range 2 {
		for _, f := range out {
			out = append(out, jsonForms(f)...)
		}
		out = dedupe(out)
	}
	return out
}

// base64Forms gives the characters that depend on v alone at each of the three alignments, so that v is also
// found in the middle of an encoded text (basic auth is base64 of "user:password").
func base64Forms(v string) []string {
	var out []string
	for shift := range 3 {
		padded := append(make([]byte, shift), v...)
		usable := len(padded) / 3 * 4
		from := (shift*8 + 5) / 6 // characters that also hold bits of what stands before v
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if s := enc.EncodeToString(padded)[:usable]; len(s)-from >= minKnown {
				out = append(out, s[from:])
			}
		}
	}
	return out
}

func jsonForms(v string) []string {
	html, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var plain strings.Builder
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil
	}
	unquote := func(s string) string { return s[1 : len(s)-1] }
	return []string{unquote(string(html)), unquote(strings.TrimSuffix(plain.String(), "\n")), unquote(strconv.Quote(v))}
}

var percentEscape = regexp.MustCompile(`%[0-9A-F]{2}`)

// lowerEscapes writes %2F as %2f, as some clients do.
func lowerEscapes(v string) string { return percentEscape.ReplaceAllStringFunc(v, strings.ToLower) }

func dedupe(in []string) []string {
	seen := make(map[string]bool, len(in))
	out := in[:0:0]
	for _, s := range in {
		if len(s) >= minKnown && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
