package arch_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// topLevel is R0.2's list, and the files that a Go and Buf repository, its readers and its tools expect at the
// root. Another folder needs an amendment and a decision.
var topLevel = []string{
	"apps", "services", "proto", "gen", "skills", "specs", "tests", "research", "infra", ".github",
	"buf.yaml", "Makefile", "compose.yaml", "constitution.md", "README.md",
	"go.mod", "go.sum", "go.work", "go.work.sum", "buf.gen.yaml", "buf.lock",
	"AGENTS.md", "CLAUDE.md", "LICENSE", "CONTRIBUTING.md", "SECURITY.md",
}

func TestTopLevelIsFixed(t *testing.T) { // R0.2
	for _, file := range tracked(t) {
		top, _, inFolder := strings.Cut(file, "/")
		dotFile := strings.HasPrefix(top, ".") && (!inFolder || slices.Contains([]string{".github", ".ci", ".cursor"}, top))
		if !slices.Contains(topLevel, top) && !dotFile {
			t.Errorf("%s: %s is not a top-level name of R0.2", file, top)
		}
	}
}

// Folders that say nothing of the job in them grow without end.
func TestFoldersAreNamedForTheirJob(t *testing.T) {
	for _, file := range tracked(t) {
		for folder := range strings.SplitSeq(filepath.Dir(file), "/") {
			if slices.Contains([]string{"utils", "util", "common", "helpers", "helper", "misc", "lib2", "pkg"}, folder) && handWritten(file) {
				t.Errorf("%s: name the folder %q for what it does", file, folder)
			}
		}
	}
}

var (
	webTestFile = regexp.MustCompile(`(?i)(\.|-|_)(test|spec)s?\.[a-z]+$|(^|/)(__tests__|__mocks__|__snapshots__|tests?|e2e|cypress)/|(^|/)(jest|vitest|playwright|cypress|karma|mocha)[.\w-]*\.(config|setup|conf)?\.?[a-z]+$|(^|/)\.mocharc`)
	webTestTool = regexp.MustCompile(`^(jest|vitest|mocha|chai|ava|tap|cypress|playwright|karma|jasmine|sinon|nock|msw|enzyme|jsdom|happy-dom|supertest)([.@/-].*)?$|^@(jest|vitest|playwright|testing-library|cypress|types/(jest|mocha|chai))([/].*)?$|^ts-jest$|^babel-jest$`)
)

func TestThePlatformHasNoTests(t *testing.T) { // R4.2, R15.3. The house's rule: the Platform is proven from outside it, by tests/.
	for _, file := range tracked(t) {
		path, ok := strings.CutPrefix(file, "apps/platform/")
		if !ok {
			continue
		}
		if webTestFile.MatchString(path) {
			t.Errorf("%s: no tests under apps/platform", file)
		}
		if filepath.Base(path) == "package.json" {
			raw, err := os.ReadFile(at(file))
			require.NoError(t, err)
			for _, name := range webTestNames(t, raw) {
				t.Errorf("%s: %s: no test runner under apps/platform", file, name)
			}
		}
	}
}

// webTestNames lists a package.json's dependencies and scripts that are there for tests.
func webTestNames(t *testing.T, packageJSON []byte) (names []string) {
	t.Helper()
	var p struct {
		Dependencies, DevDependencies, OptionalDependencies, PeerDependencies, Scripts map[string]string
	}
	require.NoError(t, json.Unmarshal(packageJSON, &p))
	for _, deps := range []map[string]string{p.Dependencies, p.DevDependencies, p.OptionalDependencies, p.PeerDependencies} {
		for name := range deps {
			if webTestTool.MatchString(name) {
				names = append(names, name)
			}
		}
	}
	for name := range p.Scripts {
		if name == "test" || strings.HasPrefix(name, "test:") {
			names = append(names, "script "+name)
		}
	}
	slices.Sort(names)
	return names
}

// The planted bugs.
func TestPlantedWebTestsAreFound(t *testing.T) {
	for path, bad := range map[string]bool{
		"app/page.test.tsx": true, "lib/a.spec.ts": true, "components/__tests__/x.tsx": true, "vitest.config.ts": true, "playwright.config.mjs": true,
		"jest.config.js": true, "e2e/login.ts": true, "app/page.tsx": false, "lib/latest.ts": false, "components/inspector.tsx": false, "next.config.ts": false, "app/contest/page.tsx": false,
	} {
		require.Equal(t, bad, webTestFile.MatchString(path), path)
	}
	got := webTestNames(t, []byte(`{"dependencies":{"next":"16","@testing-library/react":"1"},"devDependencies":{"vitest":"4","typescript":"5","@playwright/test":"1"},"scripts":{"test":"x","build":"next build"}}`))
	require.Equal(t, []string{"@playwright/test", "@testing-library/react", "script test", "vitest"}, got)
}
