package arch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Permissions    map[string]string
		TimeoutMinutes int    `yaml:"timeout-minutes"`
		RunsOn         string `yaml:"runs-on"`
		Env            map[string]string
		Steps          []struct {
			Uses, Run string
			With      map[string]any
			Env       map[string]string
			Continue  any `yaml:"continue-on-error"`
		}
	}
}

var (
	pinnedAction = regexp.MustCompile(`^actions/[a-z-]+@[0-9a-f]{40}$`)
	makeOnly     = regexp.MustCompile(`^make( [a-z][a-z-]*)+\s*$`)
)

// unruly says what of a workflow breaks constitution §20.
func unruly(w workflow) (found []string) {
	if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
		found = append(found, "its token may more than read")
	}
	for name, job := range w.Jobs {
		if job.Permissions != nil {
			found = append(found, name+" widens the token")
		}
		if job.TimeoutMinutes == 0 || job.RunsOn == "" || strings.HasSuffix(job.RunsOn, "latest") {
			found = append(found, name+" has no deadline or an unpinned runner")
		}
		for _, step := range job.Steps {
			switch {
			case step.Continue != nil:
				found = append(found, name+" goes on after a failure")
			case step.Env["CHIMERA_CI_WITHOUT_DOCKER"] != "" || job.Env["CHIMERA_CI_WITHOUT_DOCKER"] != "":
				found = append(found, name+" does without Docker")
			case step.Run != "" && !makeOnly.MatchString(step.Run):
				found = append(found, fmt.Sprintf("%s runs %q, which is no make target", name, step.Run))
			case step.Uses != "" && !pinnedAction.MatchString(step.Uses):
				found = append(found, fmt.Sprintf("%s uses %s, which is not pinned by commit", name, step.Uses))
			case strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false:
				found = append(found, name+" leaves its token on disk")
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestWorkflowsOnlyCallMake(t *testing.T) { // R20.1
	files, err := filepath.Glob(at(".github/workflows/*.yml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	called := ""
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var w workflow
		require.NoError(t, yaml.Unmarshal(raw, &w), file)
		for _, finding := range unruly(w) {
			t.Errorf("%s: %s", file, finding)
		}
		for _, job := range w.Jobs {
			for _, step := range job.Steps {
				called += step.Run + "\n"
			}
		}
	}
	makefile, err := os.ReadFile(at("Makefile"))
	require.NoError(t, err)
	for _, target := range strings.Fields(strings.ReplaceAll(called, "make ", " ")) {
		require.Regexp(t, `(?m)^([a-z-]+ )*`+target+`( [a-z-]+)*:`, string(makefile), "a workflow calls what is not there")
	}
	for _, target := range strings.Fields("lint-go lint-proto check-generate build platform-check spec-check test-unit test-integration smoke smoke-pds conformance chaos bench-gate fuzz images smoke-compose actionlint secrets vulncheck") {
		require.Contains(t, called, "make "+target+"\n", "no workflow calls it")
	}
}

func TestPlantedWorkflowsAreFound(t *testing.T) {
	var w workflow
	require.NoError(t, yaml.Unmarshal([]byte(`
permissions: {contents: write}
jobs:
  a:
    runs-on: ubuntu-latest
    permissions: {packages: write}
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
      - uses: some/action@v1
      - run: npm test
      - run: make test
        continue-on-error: true
      - run: make ci
        env: {CHIMERA_CI_WITHOUT_DOCKER: "1"}
`), &w))
	require.Len(t, unruly(w), 8)
}
