package secret

import (
	"bytes"
	"regexp"
	"strings"
)

// A shape recognises secrets that nobody made known. Its hints are lower-case literals, one of which stands in
// every match: they spare ordinary lines the expression. No expression may match a bare quote or end inside an
// escape, or the redacted line would no longer be JSON.
type shape struct {
	hints []string
	expr  *regexp.Regexp
	with  string
}

// The ends of names whose value is a secret; whatever stands before (client_secret, accessToken) makes it no less so.
var secretNames = []string{
	"password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "api_key", "api-key", "apikey", "private_key", "private-key", "privatekey",
	"signing_key", "secret_key", "secretkey", "access_key", "accesskey", "accessjwt", "refreshjwt", "assertion", "code_verifier", "session_id", "sessionid", "signature",
}

const (
	headerName = `(?:proxy-)?authorization|cookie|set-cookie|x-api-key|x-goog-api-key|api-key|x-auth-token|dpop`
	// The text of a JSON string up to its closing quote.
	jsonText = `(?:[^"\\]|\\.)*`
	// A JSON string, or an array of them as in http.Header.
	jsonTexts = `(?:"` + jsonText + `"|\[(?:\s*"` + jsonText + `"\s*,?)*\s*\])`
	// A value in free text: it ends at white space, a separator of queries and lists, a quote or an escaped quote.
	bareText = `(?:[^&\s"'\\<>,;(){}\[\]]|\\\\|\\/)+`
)

var (
	secretName  = `(` + strings.Join(secretNames, "|") + `)`
	headerHints = []string{"authorization", "cookie", "api-key", "x-auth-token", "dpop"}
)

// followedBy pairs every secret name with what must come next.
func followedBy(separators ...string) []string {
	var hints []string
	for _, name := range secretNames {
		for _, sep := range separators {
			hints = append(hints, name+sep)
		}
	}
	return hints
}

var shapes = []shape{
	{[]string{"private key-----"}, regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----` + jsonText), Mask},
	{[]string{"age-secret-key-"}, regexp.MustCompile(`(?i)AGE-SECRET-KEY-[0-9A-Z-]+`), Mask},
	{headerHints, regexp.MustCompile(`(?i)("(?:` + headerName + `)":\s*)` + jsonTexts), `${1}"` + Mask + `"`},
	{headerHints, regexp.MustCompile(`(?i)\b(` + headerName + `)(:\s*\[?|=\[?|\\":\[?\\")[^"\\\]]+`), `${1}${2}` + Mask},
	{[]string{"bearer", "basic", "dpop"}, regexp.MustCompile(`(?i)\b(bearer|basic|dpop)((?:\s|%20|\+)+)[A-Za-z0-9._~+/=:-]{8,}`), `${1}${2}` + Mask},
	{[]string{"eyj"}, regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){0,3}`), Mask},
	{[]string{"://"}, regexp.MustCompile(`://[^/?#\s"\\]+@`), `://` + Mask + `@`},
	{followedBy(`"`), regexp.MustCompile(`(?i)` + secretName + `(":\s*)` + jsonTexts), `${1}${2}"` + Mask + `"`},
	{followedBy(`\`), regexp.MustCompile(`(?i)` + secretName + `(\\+":\s*\\+")[^"\\]+`), `${1}${2}` + Mask},
	{followedBy(`=`, `%3d`, `:`), regexp.MustCompile(`(?i)` + secretName + `(=|%3d|:\[?|:\s?(?:\\+"|'))` + bareText), `${1}${2}` + Mask},
	{
		[]string{"sk-", "k_live_", "k_test_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "akia", "asia", "aiza", "npm_", "hf_", "whsec_", "hvs.", "sg."},
		regexp.MustCompile(`\b(?:sk-[A-Za-z0-9_-]{16,}|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{30,}|whsec_[A-Za-z0-9+/=]{16,}|hvs\.[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})`), Mask,
	},
}

func redactShapes(text []byte) []byte {
	lower := bytes.ToLower(text)
	for _, s := range shapes {
		for _, hint := range s.hints {
			if bytes.Contains(lower, []byte(hint)) {
				text = s.expr.ReplaceAll(text, []byte(s.with))
				break
			}
		}
	}
	return text
}
