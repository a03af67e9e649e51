package planner

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestPlaybooks(t *testing.T) {
	list := Playbooks()
	require.Len(t, list, 1)
	require.Equal(t, "trend-post", list[0].Name)
	require.Equal(t, []string{"collect", "recall", "draft", "publish", "readback", "metrics"}, list[0].Nodes)
}

// Each entry is a planted mistake that loading must refuse.
func TestPlaybooksAreStrictData(t *testing.T) {
	raw, err := files.ReadFile("playbooks/trend-post.yaml")
	require.NoError(t, err)
	good := string(raw)
	for name, c := range map[string]struct{ old, new, why string }{
		"unknown key":            {"kind: effect", "kind: effect\n    grant: me", "not found in type"},
		"unknown dependency":     {"depends_on: [collect, recall]", "depends_on: [collect, recal]", "does not exist"},
		"twice the same":         {"depends_on: [collect, recall]", "depends_on: [collect, collect]", "twice"},
		"cycle":                  {"depends_on: [draft]", "depends_on: [draft, metrics]", "cycle"},
		"twice the same node":    {"key: recall", "key: collect", "stands twice"},
		"key form":               {"key: collect", "key: Collect!", "a key is"},
		"tool form":              {"tool: trends.collect", "tool: trends", "not of the form"},
		"unknown kind":           {"kind: draft", "kind: deed", "unknown kind"},
		"effect for nobody":      {"kind: effect\n    per_account: true", "kind: effect", "acts for an account"},
		"no timeout":             {"timeout: 120s", "", "timeout"},
		"too long":               {"timeout: 120s", "timeout: 1h", "timeout"},
		"no attempts":            {"max_attempts: 6", "max_attempts: 0", "max_attempts"},
		"join over accounts":     {"key: metrics\n    title: Take first metrics\n    tool: analytics.collect\n    kind: read\n    per_account: true", "key: metrics\n    title: Take first metrics\n    tool: analytics.collect\n    kind: read", "without being one"},
		"reference elsewhere":    {"$from: draft.output.text", "$from: recall.output.text", "not among depends_on"},
		"reference form":         {"$from: draft.output.text", "$from: draft.text", "not of the form"},
		"unknown field":          {"{$persona: voice}", "{$persona: vocie}", "unknown reference"},
		"unknown source":         {"{$persona: voice}", "{$secret: voice}", "unknown reference"},
		"two sources":            {"{$persona: voice}", "{$persona: voice, $campaign: goal}", "more than one"},
		"option without a use":   {"{$persona: voice}", "{$persona: voice, limit: 3}", "takes no"},
		"unknown option":         {"limit: 10, max_chars", "limmit: 10, max_chars", "unknown option"},
		"account of a shared":    {"query: {$campaign: goal}", "query: {$account: handle}", "not per_account"},
		"remarks to a non-draft": {"query: {$campaign: goal}", "query: {$remarks: all}", "only drafts"},
		"shortened effect":       {"{$from: draft.output.text}", "{$from: draft.output.text, max_chars: 300}", "never shortened"},
		"rule without a test":    {"- {path: text, min_length: 1}", "- {path: text}", "exactly one"},
		"rule that always holds": {"- {path: text, min_length: 1}", "- {path: text, min_length: 0}", "always holds"},
		"rule's mode":            {"min_length: 1, mode: execute", "min_length: 1, mode: dream", "unknown mode"},
		"delay parameter":        {"delay_param: metrics_after", "delay_param: whenever", "unknown delay_param"},
		"second document":        {"delay_param: metrics_after", "delay_param: metrics_after\n---\nname: x", "one document"},
	} {
		require.Contains(t, good, c.old, name)
		_, err := parse([]byte(strings.Replace(good, c.old, c.new, 1)))
		require.ErrorContains(t, err, c.why, name)
	}
	_, err = load(fstest.MapFS{"p/a.yaml": {Data: raw}, "p/b.yaml": {Data: raw}}, "p")
	require.ErrorContains(t, err, "already defined")
}
