package judge

import (
	"encoding/json"
	"regexp"
	"strings"
)

// leaks are signs that a prompt, a template or a refusal came out instead of a post.
var leaks = regexp.MustCompile("(?i)```|\\{\\{|\\}\\}|\\$\\{|<\\|[a-z_]+\\|>|\\[(insert|your|todo|placeholder)\\b|\\bas an ai (language )?model\\b|\\blorem ipsum\\b")

// format keeps raw JSON, code fences, placeholders and prompts from being posted.
func format(f *facts) []finding {
	if f.content == nil {
		return nil
	}
	const rule = "the text is a post, not markup, data or a prompt"
	text := strings.TrimSpace(f.content.Text)
	found := leaks.FindString(text)
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		if json.Valid([]byte(text)) {
			found = "JSON"
		}
	}
	if found != "" {
		return []finding{rejected(reviseOrFail(f), "format", rule, "plain text", found, "the text holds something that readers must not see")}
	}
	return []finding{passed("format", rule, "plain text", "plain text", "the text reads as a post")}
}
