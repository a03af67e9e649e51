package judge

import (
	"slices"
	"strings"
)

// ambiguousKeys finds an object that holds the same key in two spellings. Go's JSON decoder matches keys
// without regard to case, so "Text" beside "text" would let a skill publish what nobody reviewed.
func ambiguousKeys(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		seen := make(map[string]bool, len(v))
		for key, item := range v {
			folded := strings.ToLower(key)
			if seen[folded] || ambiguousKeys(item) {
				return true
			}
			seen[folded] = true
		}
	case []any:
		return slices.ContainsFunc(v, ambiguousKeys)
	}
	return false
}
