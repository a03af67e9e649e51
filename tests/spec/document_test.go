package spec_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// documents are what people read: they must not point at what is not there.
func documents(t *testing.T) []string {
	t.Helper()
	return listed(t, func(f string) bool {
		return filepath.Ext(f) == ".md" && !strings.HasPrefix(f, "apps/")
	})
}

var (
	fenced    = regexp.MustCompile("(?s)```.*?\n *```")
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	anchored  = regexp.MustCompile(`<a id="([^"]+)">`)
	requireID = regexp.MustCompile(`\bR\d+\.\d+\b`)
	storyID   = regexp.MustCompile(`\bF-\d{2}\b`)
	testName  = regexp.MustCompile(`\bTest[A-Z]\w+`)
	makeWord  = regexp.MustCompile(`\bmake (?:-s )?([a-z][a-z-]*)`)
	ticked    = regexp.MustCompile("`([^`\n]+)`")
	target    = regexp.MustCompile(`(?m)^([a-z][a-z-]*(?: [a-z][a-z-]*)*):(?:[^=]|$)`)
	subtest   = regexp.MustCompile(`\bTest[A-Z]\w+/(\w+)`)
	declared  = regexp.MustCompile(`(?m)^func (Test[A-Z]\w*)\(`)
)

func anchors(text string) []string {
	var out []string
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		slug := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 127 && r != '—' && r != '…':
				return r
			}
			return -1
		}, strings.ToLower(strings.ReplaceAll(m[1], "`", "")))
		out = append(out, slug)
	}
	for _, m := range anchored.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestLinksResolve(t *testing.T) {
	seen := 0
	for _, file := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(read(t, file), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			seen++
			to, anchor, _ := strings.Cut(m[1], "#")
			goal := file
			if to != "" {
				goal = path.Join(path.Dir(file), to)
			}
			info, err := os.Stat(filepath.Join(root, goal))
			if err != nil {
				t.Errorf("%s links to %s, which is not there", file, m[1])
			} else if anchor != "" && !info.IsDir() && !slices.Contains(anchors(read(t, goal)), anchor) {
				t.Errorf("%s links to %s, but %s has no such heading", file, m[1], goal)
			}
		}
	}
	require.NotZero(t, seen)
}

func TestIDsAreKnown(t *testing.T) { // R16.1
	known := requireID.FindAllString(read(t, "specs/requirements.md"), -1)
	require.Greater(t, len(known), 50)
	stories := storyID.FindAllString(read(t, "specs/functional.md"), -1)
	require.NotEmpty(t, stories)
	for _, file := range documents(t) {
		text := read(t, file)
		for _, id := range requireID.FindAllString(text, -1) {
			if !slices.Contains(known, id) {
				t.Errorf("%s names %s, which is no requirement", file, id)
			}
		}
		for _, id := range storyID.FindAllString(text, -1) {
			if !slices.Contains(stories, id) {
				t.Errorf("%s names %s, which is no story", file, id)
			}
		}
	}
}

func TestNamedTestsExist(t *testing.T) {
	exist := map[string]bool{}
	var named strings.Builder
	for _, file := range listed(t, func(f string) bool { return strings.HasSuffix(f, "_test.go") }) {
		text := read(t, file)
		for _, m := range declared.FindAllStringSubmatch(text, -1) {
			exist[m[1]] = true
		}
		named.WriteString(text)
	}
	for _, file := range documents(t) {
		for _, name := range testName.FindAllString(read(t, file), -1) {
			if !exist[name] {
				t.Errorf("%s names %s, which is no test", file, name)
			}
		}
		for _, m := range subtest.FindAllStringSubmatch(read(t, file), -1) {
			if !strings.Contains(named.String(), `"`+m[1]+`"`) {
				t.Errorf("%s names %s, but no test has that part", file, m[0])
			}
		}
	}
}

func TestNamedTargetsExist(t *testing.T) {
	var exist []string
	for _, m := range target.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		exist = append(exist, strings.Fields(m[1])...)
	}
	for _, file := range documents(t) {
		for _, m := range makeWord.FindAllStringSubmatch(commands(read(t, file)), -1) {
			if !slices.Contains(exist, m[1]) {
				t.Errorf("%s says make %s, which is no target", file, m[1])
			}
		}
	}
}

// commands is a document's code: prose may say that they make something.
func commands(text string) string {
	all := fenced.FindAllString(text, -1)
	for _, m := range ticked.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		all = append(all, m[1])
	}
	return strings.Join(all, "\n")
}

// TestNamedPathsExist holds what stands in code type and starts with one of our folders.
func TestNamedPathsExist(t *testing.T) {
	all, err := files()
	require.NoError(t, err)
	ours := regexp.MustCompile(`^(?:\./)?((?:services|skills|proto|gen|specs|tests|infra|apps|research)/[\w./*-]*)$`)
	seen := 0
	for _, file := range documents(t) {
		if file == "specs/requirements.md" {
			continue // it names what is yet to come
		}
		for word := range strings.FieldsSeq(commands(read(t, file))) {
			m := ours.FindStringSubmatch(strings.Trim(word, "`'\"(),;"))
			if m == nil || strings.Contains(m[1], "node_modules") {
				continue
			}
			seen++
			if !exists(all, strings.TrimSuffix(strings.TrimSuffix(m[1], "..."), "/")) {
				t.Errorf("%s names %s, which is not there", file, m[1])
			}
		}
	}
	require.NotZero(t, seen)
}

func exists(all []string, name string) bool {
	return slices.ContainsFunc(all, func(f string) bool {
		if f == name || strings.HasPrefix(f, name+"/") {
			return true
		}
		for ; f != "."; f = path.Dir(f) {
			if ok, _ := path.Match(name, f); ok {
				return true
			}
		}
		return false
	})
}

func TestDecisionsAreWhole(t *testing.T) { // R22.1
	name := regexp.MustCompile(`^specs/decisions/(\d{4})-[a-z0-9-]+\.md$`)
	seen := map[string]string{}
	var index strings.Builder
	for _, file := range listed(t, func(f string) bool { return strings.HasPrefix(f, "specs/decisions/") }) {
		m := name.FindStringSubmatch(file)
		if m == nil {
			t.Errorf("%s: name it NNNN-what-was-decided.md", file)
			continue
		}
		if other, twice := seen[m[1]]; twice {
			t.Errorf("%s and %s have one number", other, file)
		}
		seen[m[1]] = file
		text := read(t, file)
		if !strings.HasPrefix(text, "# "+m[1]+" ") {
			t.Errorf("%s: its title starts with its number", file)
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(text, "# "), "\n")
		fmt.Fprintf(&index, "- [%s](%s)\n", title, strings.TrimPrefix(file, "specs/"))
		for _, part := range []string{"\nDate: 20", "Approved by: ", "Status: ", "\n## Context\n", "\n## Options\n", "\n## Choice\n", "\n## How it is enforced\n", "\n## Look again when\n"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q", file, strings.TrimSpace(part))
			}
		}
	}
	holdsIn(t, "specs/_meta.md", "decisions", index.String())
}

// amendments are the rows of constitution 22.4 with the files that they link.
var amendments = regexp.MustCompile(`specs/decisions/(\d{4}-[a-z0-9-]+\.md)`)

func TestAmendmentsSayTheirImpact(t *testing.T) { // R22.1, R4.3
	_, table, found := strings.Cut(read(t, "constitution.md"), "**Amendments of ")
	require.True(t, found)
	table, _, found = strings.Cut(table, "**Open questions.**")
	require.True(t, found)
	links := amendments.FindAllStringSubmatch(table, -1)
	require.Greater(t, len(links), 9)
	for _, m := range links {
		text := read(t, "specs/decisions/"+m[1])
		for _, part := range []string{"\nDate: 20", "Approved by: ", "\n## Context\n", "\n## Options\n", "\n## Impact\n"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s is an amendment and lacks %q", m[1], strings.TrimSpace(part))
			}
		}
	}
}
