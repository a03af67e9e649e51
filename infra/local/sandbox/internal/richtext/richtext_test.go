package richtext_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/sandbox/internal/ledger"
	"chimera/infra/local/sandbox/internal/richtext"
)

func TestPlainFindsLinksAndTags(t *testing.T) {
	require.Equal(t, []richtext.Segment{
		{Text: "see ("},
		{Text: "https://a.example/x", Href: "https://a.example/x"},
		{Text: "), "},
		{Text: "#Kaffee", Tag: "Kaffee"},
		{Text: " not a#b or #1"},
	}, richtext.Plain("see (https://a.example/x), #Kaffee not a#b or #1"))
}

func TestLinkedLeavesBadLinksAsText(t *testing.T) {
	for name, link := range map[string]ledger.Link{
		"script":      {Start: 0, End: 4, URI: "javascript:alert(1)"},
		"data":        {Start: 0, End: 4, URI: "data:text/html,x"},
		"no host":     {Start: 0, End: 4, URI: "https:///x"},
		"past end":    {Start: 0, End: 99, URI: "https://a.example/"},
		"cuts a rune": {Start: 0, End: 2, URI: "https://a.example/"},
		"reversed":    {Start: 3, End: 1, URI: "https://a.example/"},
		"negative":    {Start: -1, End: 3, URI: "https://a.example/"},
	} {
		require.Equal(t, []richtext.Segment{{Text: "tée x"}}, richtext.Linked("tée x", []ledger.Link{link}), name)
	}
	require.Equal(t, "https://a.example/", richtext.Linked("tée x", []ledger.Link{{Start: 0, End: 4, URI: "https://a.example/"}})[0].Href)
}
