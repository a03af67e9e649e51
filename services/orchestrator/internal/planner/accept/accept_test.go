package accept

import (
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/orchestrator/internal/planner/jsonpath"
)

func TestRules(t *testing.T) {
	zero, one, two := 0, 1, 2
	output, err := jsonpath.Decode([]byte(`{"items":[{"id":"a"},{"id":"b"}],"none":[],"text":"  é  ","blank":"   ","found":true,"null":null}`))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		rule  Rule
		ok    bool
		value string
	}{
		"enough items":    {Rule{Path: "items", MinItems: &two}, true, "2 items"},
		"too few":         {Rule{Path: "none", MinItems: &one}, false, "0 items"},
		"none allowed":    {Rule{Path: "none", MaxItems: &zero}, true, "0 items"},
		"too many":        {Rule{Path: "items", MaxItems: &zero}, false, "2 items"},
		"absent is none":  {Rule{Path: "null", MaxItems: &zero}, true, "0 items"},
		"not a list":      {Rule{Path: "text", MinItems: &one}, false, "not a list"},
		"long enough":     {Rule{Path: "text", MinLength: &one}, true, "1 characters"},
		"blank":           {Rule{Path: "blank", MinLength: &one}, false, "0 characters"},
		"not a text":      {Rule{Path: "items", MinLength: &one}, false, "not a text"},
		"equal":           {Rule{Path: "found", Equals: true}, true, "true"},
		"unequal":         {Rule{Path: "found", Equals: false}, false, "true"},
		"into a list":     {Rule{Path: "items.1.id", Equals: "b"}, true, "b"},
		"beyond the list": {Rule{Path: "items.2.id", Equals: "b"}, false, "nothing"},
		"null is nothing": {Rule{Path: "null", MinLength: &one}, false, "nothing"},
		"absent":          {Rule{Path: "a.b", Equals: "b"}, false, "nothing"},
	} {
		require.NoError(t, c.rule.Validate(), name)
		ok, threshold, value := c.rule.Test(output)
		require.Equal(t, c.ok, ok, name)
		require.Equal(t, c.value, value, name)
		require.NotEmpty(t, threshold, name)
	}
	require.Error(t, Rule{Path: "x", Equals: 3}.Validate(), "numbers are not compared: 1 and 1.0 would differ")
	require.Error(t, Rule{Equals: true}.Validate())
}
