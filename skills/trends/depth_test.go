package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A document that only nests would drive a recursive parser through its stack, which no recover can catch.
func TestDeepDocumentsAreRefusedEarly(t *testing.T) {
	for name, body := range map[string]string{
		"extension": `<rss version="2.0" xmlns:x="urn:x"><channel><title>t</title><item><title>a</title>` + strings.Repeat("<x:a>", 300_000),
		"plain":     `<rss version="2.0"><channel><title>t</title>` + strings.Repeat("<a>", 500_000),
		"atom":      `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:x="urn:x"><entry>` + strings.Repeat("<x:a>", 300_000),
		// Meant for a scanner that is not the parser: tags that only seem to close.
		"quoted":    `<rss xmlns:x="urn:x"><channel><item>` + strings.Repeat(`<x:a y="/>">`, 150_000),
		"directive": `<rss xmlns:x="urn:x"><channel><item>` + strings.Repeat(`<x:a><!d <y></x:a> >`, 90_000),
		"controls":  "<rss xmlns:x='urn:x'><channel><item>\x01" + strings.Repeat("<x:a>", 300_000),
		"charset":   `<?xml version="1.0" encoding="iso-8859-1"?><rss xmlns:x="urn:x"><channel><item>` + strings.Repeat("<x:a>", 300_000),
	} {
		t.Run(name, func(t *testing.T) {
			mux := http.NewServeMux()
			mux.HandleFunc("/", serveText(body))
			c, base := newTest(t, mux)
			c.timeout = 5 * time.Second
			begin := time.Now()
			_, _, err := c.collect(context.Background(), collectIn{Feeds: []string{base}})
			require.ErrorContains(t, err, "nests deeper")
			require.Less(t, time.Since(begin), time.Second)
		})
	}
	for _, ordinary := range []string{
		rss(strings.Repeat(entry("Bees", "/a", noon), 500)), `<rss><channel>` + strings.Repeat("<link/>", 500) + `</channel></rss>`,
		`<rss><d><![CDATA[` + strings.Repeat("<p>", 500) + `]]></d><!-- ` + strings.Repeat("<p>", 500) + ` --></rss>`, `<?xml version="1.0"?><!DOCTYPE x><a>`, `{"items":[]}`, "<", "",
	} {
		require.False(t, tooDeep([]byte(ordinary)), "%.60s", ordinary)
	}
}
