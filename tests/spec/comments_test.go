package spec_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	protoPackage = regexp.MustCompile(`^package ([\w.]+);`)
	protoOpen    = regexp.MustCompile(`^(service|message|enum) (\w+) \{`)
	protoRPC     = regexp.MustCompile(`^rpc (\w+)\(`)
	protoField   = regexp.MustCompile(`^(?:repeated |optional )?(?:map<[^>]+>|[\w.]+) (\w+) = \d+`)
)

// comments are the leading comments of our services, methods, messages and fields, by full name. Generated code
// does not hold them, so they are read from the files; buf keeps those in one form.
func comments(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, file := range listed(t, func(f string) bool { return strings.HasPrefix(f, "proto/chimera/") && filepath.Ext(f) == ".proto" }) {
		collect(read(t, file), out)
	}
	return out
}

func collect(text string, out map[string]string) {
	var pkg, outer string
	var leading []string
	for line := range strings.Lines(text) {
		inner := strings.HasPrefix(line, "  ")
		line = strings.TrimSpace(line)
		if said, ok := strings.CutPrefix(line, "//"); ok {
			leading = append(leading, strings.TrimSpace(said))
			continue
		}
		name := ""
		if m := protoPackage.FindStringSubmatch(line); m != nil {
			pkg = m[1]
		} else if m := protoOpen.FindStringSubmatch(line); m != nil && !inner {
			outer = pkg + "." + m[2]
			name = outer
		} else if m := protoRPC.FindStringSubmatch(line); m != nil {
			name = outer + "." + m[1]
		} else if m := protoField.FindStringSubmatch(line); m != nil && inner {
			name = outer + "." + m[1]
		}
		if name != "" && len(leading) > 0 {
			out[name] = strings.Join(leading, " ")
		}
		leading = nil
	}
}
