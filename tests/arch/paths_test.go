package arch_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A file that names one machine's folders or one network's registry works there only, and tells about it. The
// patterns are put together from pieces, so that this file does not match itself.
var (
	machinePath = regexp.MustCompile(`(^|[^\w./-])/(` + strings.Join([]string{"wo" + "rk", "ro" + "ot", "ho" + "me/\\w+", "Us" + "ers/\\w+", "mnt/\\w+"}, "|") + `)/|[A-Z]:\\` + `Users\\`)
	registry    = regexp.MustCompile(`(?i)\b((npm-?)?regis` + `try|artifac` + `tory|nex` + `us|verdac` + `cio|goprox` + `y|pro` + `xy|pyp` + `i|mirr` + `or)[a-z0-9-]*\.[a-z0-9-]+(\.[a-z0-9-]+)*\.?[a-z]{2,}(:\d+)?/`)
	lockedHost  = regexp.MustCompile(`"resol` + `ved":\s*"[a-z+]+:|^\s*resol` + `ved\s+"?https?:|^regis` + `try\s*=`)
)

func leaks(file string, line []byte) string {
	switch {
	// A Dockerfile's paths are its image's.
	case machinePath.Match(line) && !strings.HasPrefix(filepath.Base(file), "Dockerfile"):
		return "names a folder of one machine"
	case registry.Match(line):
		return "names a registry's host"
	case isLock(file) && lockedHost.Match(line):
		return "pins a registry's host: lockfiles are written with omit-lockfile-registry-resolved=true"
	}
	return ""
}

func isLock(file string) bool {
	base := filepath.Base(file)
	return strings.Contains(base, "lock") || base == ".npmrc" || base == ".yarnrc.yml"
}

func TestNoFileNamesAMachineOrARegistry(t *testing.T) {
	for _, file := range tracked(t) {
		raw, err := os.ReadFile(at(file))
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		if bytes.IndexByte(raw, 0) >= 0 {
			continue
		}
		for n, line := range bytes.Split(raw, []byte("\n")) {
			if why := leaks(file, line); why != "" {
				t.Errorf("%s:%d %s: %.160s", file, n+1, why, line)
			}
		}
	}
}

// The planted bugs.
func TestPlantedLeaksAreFound(t *testing.T) {
	slash := "/"
	for line, bad := range map[string]bool{
		"see " + slash + "work" + slash + "main":                         true,
		`"` + slash + "home" + slash + `ann/x"`:                          true,
		slash + "root" + slash + "go/pkg/mod":                            true,
		`"resol` + `ved": "https://regis` + `try.npmjs.org/a/-/a-1.tgz"`: true,
		`"resol` + `ved": "https://packages.example.com/a-1.tgz"`:        true,
		"GOPROXY=https://gopr" + "oxy.example.com/x":                     true,
		"services/worker/main.go":                                        false,
		"the framework/root/of the tree":                                 false,
		`"integrity": "sha512-abc/root/work=="`:                          false,
		"https://github.com/owner/name":                                  false,
	} {
		require.Equal(t, bad, leaks("package-lock.json", []byte(line)) != "", line)
	}
}
