package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"chimera/services/kit/secret"
)

// A value with every character that some encoder rewrites.
const canary = `c4n/ary+<&>"\=é!`

func TestKnownSecretIsFoundInEveryEncoding(t *testing.T) {
	asJSON := func(v any) string { b, err := json.Marshal(v); require.NoError(t, err); return string(b) }
	for name, text := range map[string]string{
		"raw":              "x " + canary + " y",
		"query":            "https://h/?q=" + url.QueryEscape(canary),
		"path":             "https://h/" + url.PathEscape(canary) + "/x",
		"lower escapes":    "c4n%2fary%2b%3c%26%3e%22%5c%3d%c3%a9%21",
		"json":             asJSON(map[string]string{"note": canary}),
		"json in json":     asJSON(asJSON(canary)),
		"go quote":         strconv.Quote(canary),
		"base64":           base64.StdEncoding.EncodeToString([]byte(canary)),
		"base64url":        base64.RawURLEncoding.EncodeToString([]byte(canary)),
		"base64 of u:p":    base64.StdEncoding.EncodeToString([]byte("u:" + canary)),
		"base64 of user:p": base64.StdEncoding.EncodeToString([]byte("use:" + canary + ":tail")),
		"hex":              hex.EncodeToString([]byte(canary)),
		"bytes as json":    asJSON([]byte(canary)),
	} {
		t.Run(name, func(t *testing.T) {
			var known, empty secret.Set
			known.Add(canary)
			require.Contains(t, known.RedactString(text), secret.Mask)
			require.NotContains(t, known.RedactString(text), "ary")
			require.Equal(t, text, empty.RedactString(text), "the sample must not be caught by its shape, else this proves nothing")
		})
	}
}

func TestShapesAreFoundUnknown(t *testing.T) {
	for _, tc := range []struct{ text, leak string }{
		{`Authorization: Bearer abcdefgh12345678`, "abcdefgh"},
		{`{"h":{"Authorization":["Basic dXNlcjpwYXNz"]}}`, "dXNl"},
		{`{"Cookie":["sid=1; b=]\"x"],"n":1}`, "sid"},
		{`map[Set-Cookie:[sid=q1w2e3]]`, "q1w2"},
		{`eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl`, "c2lnb"},
		{`Get "https://h/p?a=1&access_token=zzTOPzz&b=2": EOF`, "zzTOP"},
		{`https://h/p?password=hunter2`, "hunter2"},
		{`{"url":"https://h/?token=zz\u0026b=2"}`, "=zz"},
		{`{"config":{"Password":"hunter2"}}`, "hunter2"},
		{`{"raw":"{\"client_secret\":\"hunter2\"}"}`, "hunter2"},
		{`{Host:h Password:hunter2 Port:1}`, "hunter2"},
		{`postgres://chimera:hunter2@127.0.0.1:5432/db`, "hunter2"},
		{`redis://:hunter2@127.0.0.1`, "hunter2"},
		{`AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQ`, "QQQ"},
		{`{"k":"-----BEGIN EC PRIVATE KEY-----\nMHcCAQ==\n-----END EC PRIVATE KEY-----\n"}`, "MHcC"},
		{`sk-ant-api03-abcdefghijklmnop`, "abcdef"},
		{`ghp_abcdefghijklmnopqrstuvwxyz`, "abcdef"},
		{`{"accessJwt":"opaque"}`, "opaque"},
		{`refresh_token=abc`, "=abc"},
		{`{"api_keys":1,"api_key":["one","two"]}`, "two"},
	} {
		t.Run(tc.text, func(t *testing.T) {
			var s secret.Set
			got := s.RedactString(tc.text)
			require.Contains(t, tc.text, tc.leak)
			require.NotContains(t, got, tc.leak)
			require.Contains(t, got, secret.Mask)
			require.Equal(t, json.Valid([]byte(tc.text)), json.Valid([]byte(got)), got)
		})
	}
}

func TestOrdinaryLinesStayWhole(t *testing.T) {
	var s secret.Set
	for _, line := range []string{
		`{"msg":"task done","input_tokens":812,"platform_key":"3kabcdefghijk","url":"https://example.com/a?b=c#d"}`,
		`{"err":"invalid/REASON_INVALID: token: it expired; log in again","task_id":"0198f0a2-7c1e-7000-8000-000000000001"}`,
		`{"sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","risk-disk":"task-basic"}`,
	} {
		require.Equal(t, line, s.RedactString(line))
	}
}

// Whatever is known and whatever is logged: the secret is gone and the line is still JSON.
func TestRedactKeepsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s secret.Set
		known := rapid.StringN(6, 40, 200).Draw(t, "known")
		s.Add(known)
		glue := rapid.SampledFrom([]string{"", "&token=", `","password":"`, "Bearer ", `\`, `"`, "://u:", "@", "-----BEGIN PRIVATE KEY-----", "Cookie:["})
		line, err := json.Marshal(map[string]any{"msg": glue.Draw(t, "a") + rapid.String().Draw(t, "b") + glue.Draw(t, "c") + known, "deep": []any{map[string]string{"token": rapid.String().Draw(t, "d")}}})
		if err != nil {
			t.Fatal(err)
		}
		out := s.Redact(line)
		if !json.Valid(out) {
			t.Fatalf("no longer JSON: %s", out)
		}
		var fields map[string]any
		if json.Unmarshal(out, &fields) == nil && strings.Contains(fmt.Sprint(fields["msg"]), known) && !strings.Contains(secret.Mask, known) {
			t.Fatalf("still there: %s", out)
		}
	})
}

func TestSetIsBounded(t *testing.T) {
	var s secret.Set
	for i := range 2100 {
		s.Add(fmt.Sprintf("value-%06d", i))
	}
	require.Equal(t, "value-000000", s.RedactString("value-000000"), "the oldest is forgotten")
	require.Equal(t, secret.Mask, s.RedactString("value-002099"))
	s.Add("short")
	require.Equal(t, "short", s.RedactString("short"), "an ordinary short word is not blacked out")
}

func BenchmarkRedact(b *testing.B) {
	var s secret.Set
	for i := range 20 {
		s.Add(fmt.Sprintf("a-secret-value-%d-abcdef", i))
	}
	line := []byte(`{"time":"2026-11-22T10:00:00.000Z","level":"INFO","msg":"tool called","service":"worker","tenant_id":"0198f0a2-7c1e-7000-8000-000000000001","task_id":"0198f0a2-7c1e-7000-8000-000000000002","url":"https://example.com/path?x=1","duration_ms":12,"input_tokens":120}`)
	for b.Loop() {
		s.Redact(line)
	}
}
