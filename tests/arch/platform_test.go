package arch_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the Platform may not have, at the root of its dependencies or anywhere below.
var platformForbidden = []struct {
	name *regexp.Regexp
	why  string
}{
	{regexp.MustCompile(`^(redux|@reduxjs/.+|react-redux|zustand|jotai|recoil|mobx.*|valtio|xstate|@xstate/.+|effector.*|nanostores|@nanostores/.+|@legendapp/state|easy-peasy|rematch|@rematch/.+)$`), "client state is useState and useReducer (R4.1)"},
	{regexp.MustCompile(`^(swr|@apollo/client|urql|@urql/.+|react-query|@trpc/.+|axios|relay-runtime)$`), "server state is TanStack Query's, over the generated clients (R4.1, R0.4)"},
	{regexp.MustCompile(`^(pg|pg-.+|postgres|mysql2?|mongodb|redis|ioredis|@redis/.+|weaviate-.+|bullmq|kafkajs|amqplib|prisma|@prisma/.+|drizzle-orm|knex|typeorm|better-sqlite3)$`), "the Platform reaches no database and no queue (R6.1)"},
	{regexp.MustCompile(`^(@modelcontextprotocol/.+|openai|@anthropic-ai/.+|@atproto/.+|masto|@coinbase/.+)$`), "the Platform acts on nothing outside (R8.1)"},
}

// refusedNames lists the packages that stand in a lockfile (or package.json, as one level of it) and may not.
func refusedNames(names []string) (found []string) {
	for _, name := range names {
		for _, rule := range platformForbidden {
			if rule.name.MatchString(name) {
				found = append(found, name+": "+rule.why)
			}
		}
		if webTestTool.MatchString(name) {
			found = append(found, name+": no test runner under apps/platform (R4.2)")
		}
	}
	return found
}

func TestThePlatformHoldsNoClientStateAndNoBackDoor(t *testing.T) { // R4.1, R6.1
	raw, err := os.ReadFile(at("apps/platform/package-lock.json"))
	require.NoError(t, err)
	var lock struct{ Packages map[string]any }
	require.NoError(t, json.Unmarshal(raw, &lock))
	var names []string
	for path := range lock.Packages {
		if i := strings.LastIndex(path, "node_modules/"); i >= 0 {
			names = append(names, path[i+len("node_modules/"):])
		}
	}
	require.Greater(t, len(names), 100, "the lockfile is read wrongly")
	for _, wanted := range []string{"next", "react", "tailwindcss", "radix-ui", "@tanstack/react-query", "zod"} {
		require.Contains(t, names, wanted, "R4.1 names it")
	}
	for _, finding := range refusedNames(names) {
		t.Errorf("apps/platform: %s", finding)
	}
	require.Len(t, refusedNames([]string{"zustand", "mobx-react", "pg", "@playwright/test", "swr", "@anthropic-ai/sdk"}), 6, "planted")
	require.Empty(t, refusedNames([]string{"react", "postcss", "@tanstack/react-query", "redundant", "pgtools-no"}), "planted")
}

// The Platform's own lint holds what a list of packages cannot: which file imports what, and who writes to the console.
func TestThePlatformsLintHoldsItsBoundaries(t *testing.T) { // R6.1, R14.5
	raw, err := os.ReadFile(at("apps/platform/eslint.config.mjs"))
	require.NoError(t, err)
	for _, rule := range []string{`"no-console": "error"`, `"no-restricted-imports": ["error"`, `"@chimera/gen/chimera/internal/*"`, `"redis"`, `"zustand"`} {
		require.Contains(t, string(raw), rule)
	}
	// A rule that is switched off where it hurts is none.
	for _, file := range tracked(t) {
		if !strings.HasPrefix(file, "apps/platform/") || !slices.ContainsFunc([]string{".ts", ".tsx", ".mjs"}, func(ext string) bool { return strings.HasSuffix(file, ext) }) {
			continue
		}
		raw, err := os.ReadFile(at(file))
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		if regexp.MustCompile(`eslint-disable[^\n]*(no-console|no-restricted-imports)|/\* eslint-disable \*/`).Match(raw) {
			t.Errorf("%s switches off a rule that holds a boundary", file)
		}
	}
}

// Developer servers serve a contributor's agent; no program, image or compose file of ours may know them.
func TestDeveloperToolsAreNotThereAtRunTime(t *testing.T) { // R8.2
	raw, err := os.ReadFile(at(".mcp.json"))
	require.NoError(t, err)
	var configured struct {
		MCPServers map[string]struct {
			Command string
			Args    []string
		}
	}
	require.NoError(t, json.Unmarshal(raw, &configured))
	require.NotEmpty(t, configured.MCPServers)
	for name, server := range configured.MCPServers {
		command := server.Command + " " + strings.Join(server.Args, " ")
		require.True(t, strings.HasPrefix(command, "infra/devtools/mcp/node_modules/.bin/") || regexp.MustCompile(`@v\d+\.\d+\.\d+\b`).MatchString(command), "%s is not pinned: %s", name, command)
	}
	for _, file := range tracked(t) {
		shipped := file == "compose.yaml" || strings.HasSuffix(file, "/Dockerfile") || strings.HasPrefix(file, "services/") || strings.HasPrefix(file, "skills/")
		if !shipped || strings.HasSuffix(file, ".md") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(at(file))
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		for _, word := range []string{".mcp.json", "infra/devtools", "mcp-server-filesystem", "dbhub"} {
			require.NotContains(t, string(raw), word, "%s knows a developer tool", file)
		}
	}
}
