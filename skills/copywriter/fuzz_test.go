package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/errs"
	"chimera/services/kit/fuzztest"
	"chimera/services/kit/secret"
)

// FuzzModelAnswer reads what a model may say (R10.7): what is taken keeps every rule, whatever it was talked into.
func FuzzModelAnswer(f *testing.F) {
	f.Add(`{"text":"Bees are back on the roofs.","alternatives":["a"],"used_trend_url":"https://news.example/bees?id=1","language":"en"}`, "Mention \"honey\". No emojis. Shorter.")
	f.Add("```json\n{\"text\":\"cure http://evil.example @all\"}\n```", "avoid \"")
	f.Add(`{"text":"The cure for bees.","language":"en"}`, "")
	f.Add(`{"text":"x"} trailing`, strings.Repeat("make it shorter ", 50))
	f.Fuzz(func(t *testing.T, answer, remark string) {
		defer fuzztest.Bound(t)()
		in := bees()
		in.Remarks = []string{remark}
		c, err := constrain(in, understand(in.Remarks))
		if err != nil {
			return
		}
		a, wrong := readAnswer(answer, in, c)
		if wrong != "" {
			return
		}
		out := a.out(in, c)
		for _, text := range append([]string{out.Text}, out.Alternatives...) {
			require.Empty(t, c.violation(text))
			require.NotContains(t, wordsOf(text), "cure", "the persona never says it")
		}
		for _, link := range linksIn(out.Text) {
			require.True(t, usableLink(link))
		}
		require.LessOrEqual(t, len(out.Langs[0]), 35)
	})
}

// wordsOf is a text's words as a reader sees them, by a plainer rule than the one that is tested: "curea" is no "cure".
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point)
	})
}

// canned is what a provider answers, on the wire and without one.
type canned struct {
	status int
	body   []byte
	pause  string
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: c.status, Header: http.Header{"Retry-After": {c.pause}}, Body: io.NopCloser(bytes.NewReader(c.body)), Request: r}, nil
}

// FuzzProvider gives both vendors' clients any answer: a completion or a typed error, never Unknown, with a pause that
// ends, and none of its words where it speaks of keys.
func FuzzProvider(f *testing.F) {
	f.Add(200, []byte(`{"model":"m","choices":[{"message":{"role":"assistant","content":"x"}}],"usage":{"prompt_tokens":-1}}`), "3")
	f.Add(200, []byte(`{"model":"m","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":1}}`), "")
	f.Add(401, []byte(`{"error":{"message":"Incorrect API key provided: sk-fuzz"}}`), "-1")
	f.Add(503, []byte("\xff"), "99999999999999999999")
	c, err := constrain(bees(), understand(nil))
	require.NoError(f, err)
	p := newPrompt(bees(), c)
	f.Fuzz(func(t *testing.T, status int, body []byte, pause string) {
		defer fuzztest.Bound(t)()
		if status < 100 || status > 999 {
			return
		}
		client := &http.Client{Transport: canned{status, body, pause}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		open, err := newOpenAI(config{OpenAIBaseURL: "http://provider.test/v1", OpenAIModel: "m"}, client)
		require.NoError(t, err)
		vendor, err := newAnthropic(config{AnthropicBaseURL: "http://provider.test", AnthropicModel: "m", AnthropicKey: secret.New("key-of-the-fuzzer")}, client)
		require.NoError(t, err)
		for _, m := range []model{open, vendor} {
			done, err := m.complete(t.Context(), p)
			if err == nil {
				require.GreaterOrEqual(t, done.inputTokens, int64(0))
				continue
			}
			var typed *errs.Error
			require.ErrorAs(t, err, &typed)
			require.NotEqual(t, errs.Unknown, typed.Kind)
			require.LessOrEqual(t, typed.RetryAfter.Hours(), 1.0)
			if status == http.StatusUnauthorized && len(body) > 20 {
				require.NotContains(t, err.Error(), string(body))
			}
		}
	})
}
