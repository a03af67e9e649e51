package arch_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	pgx        = "github.com/jackc/pgx/v5"
	goose      = "github.com/pressly/goose/v3"
	weaviate   = "github.com/weaviate/weaviate-go-client/v4"
	weaviated  = "github.com/weaviate/weaviate"
	watermill  = "github.com/ThreeDotsLabs/watermill"
	wmRedis    = "github.com/ThreeDotsLabs/watermill-redisstream"
	goRedis    = "github.com/redis/go-redis/v9"
	mcp        = "github.com/modelcontextprotocol/go-sdk"
	age        = "filippo.io/age"
	gofeed     = "github.com/mmcdole/gofeed"
	connect    = "connectrpc.com/connect"
	testify    = "github.com/stretchr/testify"
	rapid      = "pgregory.net/rapid"
	cmp        = "github.com/google/go-cmp"
	miniredis  = "github.com/alicebob/miniredis/v2"
	containers = "github.com/testcontainers/testcontainers-go"
	docker     = "github.com/moby/moby/client"
	toxiproxy  = "github.com/Shopify/toxiproxy/v2"
	zerolog    = "github.com/rs/zerolog"
	shared     = "chimera/services/internal"
	bus        = "chimera/services/internal/bus"
	kit        = "chimera/services/kit"
	inner      = "chimera/services/orchestrator/internal"
	platformv1 = "chimera/gen/go/chimera/platform/v1"
)

// mayNotLink: no package that From names may reach Forbidden, by whatever way (design §5).
var mayNotLink = []struct {
	From, Forbidden, Why string
}{
	{"chimera/services/orchestrator/cmd/orchestrator", mcp, "the orchestrator calls no tool: what acts on the world is a granted task (R6.2)"},
	{"chimera/services/orchestrator/cmd/orchestrator", gofeed, "the orchestrator reads nothing from outside"},
	{"chimera/services/orchestrator/cmd/orchestrator", "chimera/skills", "a skill is reached by MCP, never by import"},
	{"chimera/services/orchestrator/cmd/orchestrator", "chimera/services/worker", "services meet on the bus and the inner API only"},

	{"chimera/services/worker/cmd/worker", pgx, "a worker has no database (R6.3)"},
	{"chimera/services/worker/cmd/worker", goose, "a worker has no database (R6.3)"},
	{"chimera/services/worker/cmd/worker", weaviate, "memory is the orchestrator's (R6.4)"},
	{"chimera/services/worker/cmd/worker", weaviated, "memory is the orchestrator's (R6.4)"},
	{"chimera/services/worker/cmd/worker", age, "credentials are opened by the orchestrator's vault only (R11.4)"},
	{"chimera/services/worker/cmd/worker", "chimera/services/orchestrator", "services meet on the bus and the inner API only"},
	{"chimera/services/worker/cmd/worker", "chimera/skills", "a skill is reached by MCP, never by import"},
	{"chimera/services/worker/cmd/worker", platformv1, "the worker never talks to the Platform or for it (R6.3)"},

	{"chimera/skills/...", watermill, "a skill sees no queue"},
	{"chimera/skills/...", wmRedis, "a skill sees no queue"},
	{"chimera/skills/...", goRedis, "a skill sees no queue"},
	{"chimera/skills/...", pgx, "a skill has no database"},
	{"chimera/skills/...", goose, "a skill has no database"},
	{"chimera/skills/...", weaviate, "memory is the orchestrator's (R6.4)"},
	{"chimera/skills/...", age, "credentials are opened by the orchestrator's vault only (R11.4)"},
	{"chimera/skills/...", shared, "a skill may import services/kit, no more"},
	{"chimera/skills/...", "chimera/services/orchestrator", "a skill calls the inner API, never its code"},
	{"chimera/skills/...", "chimera/services/worker", "a skill knows no worker"},
	{"chimera/skills/...", platformv1, "a skill never talks to the Platform's API"},

	{kit + "/...", "chimera/services/orchestrator", "the kit knows no service"},
	{kit + "/...", "chimera/services/worker", "the kit knows no service"},
	{kit + "/...", "chimera/skills", "the kit knows no skill"},
	{kit + "/...", shared, "the kit is imported by skills, which may not see the bus"},
	{shared + "/...", "chimera/services/orchestrator", "what is shared knows no service"},
	{shared + "/...", "chimera/services/worker", "what is shared knows no service"},

	{inner + "/planner/...", inner + "/store", "deciders hold no handles"},
	{inner + "/planner/...", bus, "deciders hold no handles"},
	{inner + "/planner/...", inner + "/api", "deciders hold no handles"},
	{inner + "/planner/...", inner + "/commit", "deciders do not write"},
	{inner + "/judge/...", inner + "/store", "deciders hold no handles"},
	{inner + "/judge/...", bus, "deciders hold no handles"},
	{inner + "/judge/...", inner + "/api", "deciders hold no handles"},
	{inner + "/judge/...", inner + "/commit", "deciders do not write"},
	{inner + "/audit", inner + "/store", "the chain's rules are pure: an offline verifier needs no database"},
	{inner + "/audit", bus, "the chain's rules are pure"},
	{inner + "/audit", inner + "/api", "the chain's rules are pure"},
	{inner + "/audit", inner + "/commit", "the chain's rules are pure"},
	{inner + "/grantdesk", inner + "/store", "minting is pure: commit decides and stores"},
	{inner + "/grantdesk", bus, "minting is pure: commit decides and stores"},
	{inner + "/grantdesk", inner + "/api", "minting is pure: commit decides and stores"},
	{inner + "/grantdesk", inner + "/commit", "minting is pure: commit decides and stores"},
	{inner + "/commit", inner + "/api", "one direction: the API calls commit"},
	{inner + "/store", inner + "/commit", "one direction: commit calls the store"},
	{inner + "/store", bus, "what goes out next is a row; the dispatcher puts it on the bus"},
}

// onlyBy: of our production packages only Importers (and what lies below them) import Module directly.
var onlyBy = []struct {
	Module    string
	Importers []string
	Why       string
}{
	{pgx, []string{inner + "/store"}, "rows and driver errors stop at the store"},
	{goose, []string{inner + "/store"}, "the schema is the store's"},
	{weaviate, []string{inner + "/memory"}, "a missing tenant is refused in one place (R9.4)"},
	{weaviated, []string{inner + "/memory"}, "a missing tenant is refused in one place (R9.4)"},
	{watermill, []string{bus}, "topics, middleware order and poison are the bus's"},
	{wmRedis, []string{bus}, "topics, middleware order and poison are the bus's"},
	{goRedis, []string{bus}, "Redis keys are namespaced in one place (R9.4)"},
	{mcp, []string{"chimera/services/worker/internal/toolbox", "chimera/skills"}, "tools are called in one place and served in another (R8)"},
	{age, []string{inner + "/vault"}, "credentials are sealed and opened in one place (R11.4)"},
	{inner + "/vault", []string{"chimera/services/orchestrator"}, "only the orchestrator opens credentials"},
	{connect, []string{inner + "/api", kit + "/control", "chimera/gen/go"}, "RPC stops at the API and at the client of the inner API"},
}

// vendorSDKs speak to the world outside in a vendor's own words, retry by themselves and read the environment.
// Models are reached by plain HTTP in the skill that uses them (decision 0064), platforms by the lexicons they publish.
var vendorSDKs = []string{
	"github.com/openai", "github.com/anthropics", "github.com/sashabaranov", "github.com/tmc/langchaingo", "github.com/ollama", "google.golang.org/genai",
	"github.com/google/generative-ai-go", "github.com/bluesky-social", "github.com/mattn/go-mastodon", "github.com/dghubble/go-twitter", "github.com/coinbase",
}

// testOnly may never be part of a program that runs in production.
var testOnly = []string{testify, rapid, cmp, miniredis, containers, docker, "testing", toxiproxy, zerolog}

func TestNobodyLinksWhatIsForbidden(t *testing.T) {
	g := productionGraph(t)
	for _, rule := range mayNotLink {
		from := g.matching(rule.From)
		if len(from) == 0 {
			t.Errorf("rule names no package: %s", rule.From)
		}
		for _, path := range from {
			if isTestHelper(path) {
				continue
			}
			if way := g.chain(path, func(p string) bool { return within(p, rule.Forbidden) && !within(path, rule.Forbidden) }); way != nil {
				t.Errorf("%s\n\tmust not link %s: %s", strings.Join(way, "\n\t→ "), rule.Forbidden, rule.Why)
			}
		}
	}
}

func TestModulesHaveOneOwner(t *testing.T) {
	g := productionGraph(t)
	for _, rule := range onlyBy {
		for _, importer := range rule.Importers {
			if len(g.matching(importer+"/...")) == 0 && importer != "chimera/gen/go" {
				t.Errorf("rule for %s names no package: %s", rule.Module, importer)
			}
		}
		for path, p := range g {
			allowed := slices.ContainsFunc(rule.Importers, func(i string) bool { return within(path, i) })
			if !within(path, "chimera") || isTestHelper(path) || allowed || within(path, rule.Module) {
				continue
			}
			for _, imported := range p.Imports {
				if within(imported, rule.Module) {
					t.Errorf("%s imports %s: %s", path, imported, rule.Why)
				}
			}
		}
	}
}

// The card names these; each is used by production code and not only required.
func TestTheStackIsTheOneThatWasAskedFor(t *testing.T) { // R0.1
	g, err := list("-deps", "-test", "./services/...", "./skills/...", "./infra/local/parts/partstest")
	require.NoError(t, err)
	for _, module := range []string{connect, watermill, wmRedis, pgx, weaviate, mcp, "log/slog", containers} {
		require.NotEmpty(t, g.matching(module+"/..."), "%s is used by nothing", module)
	}
}

func TestNoVendorSDK(t *testing.T) { // R6.2, R8.1
	for _, found := range vendors(modules(t)) {
		t.Errorf("go.mod requires %s: vendors are reached by a skill, over the protocol they publish", found)
	}
	require.Equal(t, []string{"github.com/openai/openai-go/v3"}, vendors([]string{"github.com/openaix/y", "github.com/openai/openai-go/v3"}), "planted")
}

func vendors(required []string) (found []string) {
	for _, module := range required {
		if slices.ContainsFunc(vendorSDKs, func(v string) bool { return within(module, v) }) {
			found = append(found, module)
		}
	}
	return found
}

func TestNoTestHelperInAProgram(t *testing.T) { // R3.2: services are programs of their own
	g := productionGraph(t)
	mains := append(g.mains("chimera/services"), g.mains("chimera/skills")...)
	for _, want := range []string{
		"chimera/services/orchestrator/cmd/orchestrator", "chimera/services/worker/cmd/worker",
		"chimera/skills/trends", "chimera/skills/copywriter", "chimera/skills/publisher", "chimera/skills/analytics",
	} {
		if !slices.Contains(mains, want) {
			t.Errorf("%s is not a program", want)
		}
	}
	for _, program := range mains {
		bad := func(p string) bool {
			return isTestHelper(p) || slices.ContainsFunc(testOnly, func(m string) bool { return within(p, m) })
		}
		if way := g.chain(program, bad); way != nil {
			t.Errorf("test code in a program:\n\t%s", strings.Join(way, "\n\t→ "))
		}
	}
}

// A rule about a name that nobody has any more would pass for ever.
func TestEveryRuleNamesSomethingReal(t *testing.T) {
	g := productionGraph(t)
	required := modules(t)
	names := slices.Clone(testOnly)
	for _, r := range mayNotLink {
		names = append(names, r.Forbidden)
	}
	for _, r := range onlyBy {
		names = append(names, r.Module)
	}
	for _, name := range names {
		switch {
		case name == "testing", slices.Contains(required, name), len(g.matching(name+"/...")) > 0 && within(name, "chimera"):
		default:
			t.Errorf("%s is neither required in go.mod nor a package of ours: correct the rule", name)
		}
	}
}

// The planted bug: the search finds a forbidden package behind others, and not what only looks like it.
func TestPlantedImportIsFound(t *testing.T) {
	g := graph{}
	for from, imports := range map[string][]string{
		"chimera/services/worker/cmd/worker": {"fmt", "chimera/services/kit/x"}, "chimera/services/kit/x": {"example.com/a", pgx + "extra"},
		"example.com/a": {"example.com/b"}, "example.com/b": {pgx + "/pgxpool"}, "chimera/skills/ok": {pgx + "extra"},
	} {
		g[from] = goPackage{ImportPath: from, Imports: imports}
	}
	bad := func(p string) bool { return within(p, pgx) }
	require.Len(t, g.chain("chimera/services/worker/cmd/worker", bad), 5, "the whole way is shown")
	require.Nil(t, g.chain("chimera/skills/ok", bad))
	require.True(t, isTestHelper("chimera/services/internal/bus/bustest"))
	require.True(t, isTestHelper("chimera/infra/local/parts/partstest"))
	require.False(t, isTestHelper("chimera/services/internal/bus"))
	require.False(t, isTestHelper("net/http/httptest/x"), "only ours")
}
