package referee

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
)

// Leaks answers which canaries stand in a text, as they are or in one of the forms in which bytes get written down.
// The finding names the secret and never holds it.
func Leaks(where string, text []byte, canaries map[string]string) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(canaries)) {
		value := canaries[name]
		for form, written := range map[string]string{
			"in clear": value, "in hex": hex.EncodeToString([]byte(value)), "in base64": base64.StdEncoding.EncodeToString([]byte(value)), "escaped": url.QueryEscape(value),
		} {
			if form != "in clear" && written == value {
				continue
			}
			if bytes.Contains(text, []byte(written)) {
				found = append(found, fmt.Sprintf("%s: %s stands there %s", where, name, form))
			}
		}
	}
	slices.Sort(found)
	return found
}
