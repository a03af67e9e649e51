package referee

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Leaks answers which canaries stand in a text, as they are or in one of the forms in which bytes get written down.
// The finding names the secret and never holds it.
func Leaks(where string, text []byte, canaries map[string]string) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(canaries)) {
		for form, written := range forms(canaries[name]) {
			if bytes.Contains(text, []byte(written)) {
				found = append(found, fmt.Sprintf("%s: %s stands there %s", where, name, form))
			}
		}
	}
	slices.Sort(found)
	return found
}

// forms are the ways a value gets written down, by name; those that look like the value itself are left out.
func forms(value string) map[string]string {
	all := map[string]string{
		"in hex": hex.EncodeToString([]byte(value)), "in capital hex": strings.ToUpper(hex.EncodeToString([]byte(value))),
		"escaped for a query": url.QueryEscape(value), "escaped for a path": url.PathEscape(value), "backwards": backwards(value),
	}
	if quoted, err := json.Marshal(value); err == nil {
		all["escaped for JSON"] = string(quoted[1 : len(quoted)-1])
	}
	// In the middle of an encoded text a value has one of three shapes, by what stands before it; the characters at
	// its ends hold bits of its neighbours and are cut.
	for shift := range 3 {
		padded := append(make([]byte, shift), value...)
		from, to := (shift*8+5)/6, len(padded)/3*4
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			if s := encoding.EncodeToString(padded)[:to]; len(s)-from >= 8 {
				all[fmt.Sprintf("in %s at offset %d", name, shift)] = s[from:]
			}
		}
	}
	maps.DeleteFunc(all, func(_, written string) bool { return written == value })
	all["in clear"] = value
	return all
}

func backwards(value string) string {
	b := []byte(value)
	slices.Reverse(b)
	return string(b)
}
