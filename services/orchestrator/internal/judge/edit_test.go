package judge

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEdit(t *testing.T) {
	image := func(alt, url string) []any {
		return []any{map[string]any{"url": url, "sha256": "00", "mime": "image/png", "alt": alt}}
	}
	const url = "https://example.org/a.png"
	for name, c := range map[string]struct {
		edited json.RawMessage
		// violated is the one violated check; empty when the edit may be approved.
		violated string
	}{
		"unchanged":             {payload(nil), ""},
		"other words":           {payload(map[string]any{"text": "Wasps, too. (AI-generated)"}), ""},
		"warning, langs, tags":  {payload(map[string]any{"content_warning": "insects", "langs": []string{"de"}, "tags": []string{"bees"}}), ""},
		"alt text":              {payload(map[string]any{"media": image("two bees", url)}), ""},
		"sensitive, by hand":    {payload(map[string]any{"text": "Election (AI-generated)"}), ""},
		"account":               {payload(map[string]any{"account_id": id}), "edit"},
		"platform":              {payload(map[string]any{"platform": "mastodon"}), "edit"},
		"visibility":            {payload(map[string]any{"visibility": "unlisted"}), "edit"},
		"another image":         {payload(map[string]any{"media": image("a bee", url+"?2")}), "edit"},
		"image removed":         {payload(map[string]any{"media": []any{}}), "edit"},
		"field added":           {payload(map[string]any{"reply_to": "x"}), "edit"},
		"null field added":      {payload(map[string]any{"reply_to": json.RawMessage("null")}), "edit"},
		"field in other case":   {payload(map[string]any{"Account_ID": id}), "payload form"},
		"field dropped":         {payload(map[string]any{"visibility": nil}), "edit"},
		"disclosure dropped":    {payload(map[string]any{"disclosure": nil}), "edit"},
		"disclosure denied":     {payload(map[string]any{"disclosure": map[string]any{"ai_generated": false, "method": "template/v1"}}), "edit"},
		"label removed":         {payload(map[string]any{"self_labels": []string{}}), "edit"},
		"notice removed":        {payload(map[string]any{"text": "Bees."}), "disclosure"},
		"too long":              {payload(map[string]any{"text": strings.Repeat("a", 300) + "(AI-generated)"}), "limits"},
		"alt text removed":      {payload(map[string]any{"media": image("", url)}), "limits"},
		"banned":                {payload(map[string]any{"text": "ＭＩＲＡＣＬＥ (AI-generated)"}), "banned_terms"},
		"never by the persona":  {payload(map[string]any{"text": "cure (AI-generated)"}), "banned_terms"},
		"text removed":          {payload(map[string]any{"text": nil}), "edit"},
		"text of another type":  {payload(map[string]any{"text": 7}), "edit"},
		"tags of another type":  {payload(map[string]any{"tags": "bees"}), "edit"},
		"not an object":         {json.RawMessage(`[]`), "edit"},
		"not JSON":              {json.RawMessage(`{"text":`), "edit"},
		"a key twice":           {json.RawMessage(`{"text":"a","text":"b"}`), "edit"},
		"larger than any grant": {payload(map[string]any{"text": strings.Repeat("a", maxPayloadBytes)}), "edit"},
	} {
		t.Run(name, func(t *testing.T) {
			violated := map[string]bool{}
			for _, x := range Edit(proposal(nil), c.edited) {
				require.False(t, x.GetPassed())
				require.NotEmpty(t, x.GetMessage())
				violated[x.GetName()] = true
			}
			switch c.violated {
			case "":
				require.Empty(t, violated)
			case "payload form":
				require.Contains(t, violated, "edit", "two spellings of a key")
			default:
				require.Equal(t, map[string]bool{c.violated: true}, violated)
			}
		})
	}
	require.NotEmpty(t, Edit(draft("Bees."), payload(nil)), "a draft is no proposal")

	// The proposal was disclosed, so it stays so, even where the task's arguments did not ask for it.
	unasked := proposal(nil)
	unasked.Task.Spec.ArgumentsJson = []byte(`{}`)
	violated := Edit(unasked, payload(map[string]any{"text": "Bees."}))
	require.Len(t, violated, 1)
	require.Equal(t, "disclosure", violated[0].GetName())
}
