package skillkit

import (
	"encoding/json"
	"fmt"
	"strings"

	"chimera/services/kit/secret"
)

const (
	// maxLogged bounds the parameters of one log line.
	maxLogged = 2 << 10
	// maxText is the longest text value that is logged in clear: ids, platforms, URLs, not content.
	maxText = 80
)

// redact renders arguments for the audit line: names and shapes in full, long texts as their length,
// whatever is named like a secret not at all.
func redact(args json.RawMessage) string {
	if len(args) > maxBody {
		return fmt.Sprintf("(%d bytes)", len(args))
	}
	var v any
	if err := json.Unmarshal(args, &v); err != nil {
		return fmt.Sprintf("(%d bytes, not JSON)", len(args))
	}
	out, err := json.Marshal(shorten("", v))
	if err != nil {
		return "(unprintable)"
	}
	return clip(string(secret.Process().Redact(out)), maxLogged)
}

var secretNames = []string{"secret", "token", "password", "passwd", "authorization", "credential", "api_key", "apikey", "cookie", "private_key"}

func shorten(name string, v any) any {
	lower := strings.ToLower(name)
	for _, s := range secretNames {
		if strings.Contains(lower, s) {
			return secret.Mask
		}
	}
	switch v := v.(type) {
	case string:
		if len(v) > maxText {
			return fmt.Sprintf("(%d bytes)", len(v))
		}
	case []any:
		for i := range v {
			v[i] = shorten("", v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = shorten(k, v[k])
		}
	}
	return v
}
