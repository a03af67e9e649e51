package toolbox

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// Address is where a skill is: a URL of its MCP endpoint, or the path of a program that speaks stdio.
type Address struct {
	Name, URL, Program string
}

var skillName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// ParseSkills reads "trends=http://127.0.0.1:7101/mcp,local=stdio:/path/to/program". "memory" is taken: the
// worker serves it itself.
func ParseSkills(spec string) ([]Address, error) {
	var out []Address
	seen := map[string]bool{"memory": true}
	for part := range strings.SplitSeq(spec, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, where, ok := strings.Cut(part, "=")
		if !ok || !skillName.MatchString(name) {
			return nil, fmt.Errorf("skill %q: want name=http(s)://… or name=stdio:/path", part)
		}
		if seen[name] {
			return nil, fmt.Errorf("skill %q: named twice, or a name of the worker's own", name)
		}
		seen[name] = true
		a := Address{Name: name}
		if program, isProgram := strings.CutPrefix(where, "stdio:"); isProgram {
			if !filepath.IsAbs(program) {
				return nil, fmt.Errorf("skill %q: want an absolute path", name)
			}
			a.Program = program
		} else {
			u, err := url.Parse(where)
			if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
				return nil, fmt.Errorf("skill %q: want an http(s) URL without user info", name)
			}
			a.URL = where
		}
		out = append(out, a)
	}
	return out, nil
}
