// Package fuzz_test knows every place where bytes become values (R12.2), and whose bytes they are.
package fuzz_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// outside are the decoders that anybody's bytes reach, with the fuzz targets that give them any.
var outside = map[string][]string{
	"services/internal/bus.Decode":                           {"services/internal/bus.FuzzEntry"},
	"services/internal/bus.typed":                            {"services/internal/bus.FuzzEntry"},
	"services/internal/bus.unmarshal":                        {"services/internal/bus.FuzzEntry"},
	"services/kit/grant.Canonical":                           {"services/kit/grant.FuzzCanonical"},
	"services/kit/grant.Open":                                {"services/kit/grant.FuzzGrant"},
	"services/kit/toolmeta.Decode":                           {"services/kit/toolmeta.FuzzReport", "services/worker/internal/toolbox.FuzzAnswer", "services/worker/internal/perform.FuzzResult"},
	"services/kit/toolmeta.signedGrant":                      {"services/kit/toolmeta.FuzzCall"},
	"services/orchestrator/internal/api.content":             {"services/orchestrator/internal/api.FuzzLetter"},
	"services/orchestrator/internal/api.facts":               {"services/orchestrator/internal/api.FuzzLetter"},
	"services/orchestrator/internal/api.replayable":          {"services/orchestrator/internal/api.FuzzLetter"},
	"services/orchestrator/internal/api.open":                {"services/orchestrator/internal/api.FuzzPageToken"},
	"services/orchestrator/internal/api/authn.identify":      {"services/orchestrator/internal/api/authn.FuzzClaims"},
	"services/orchestrator/internal/api/authn.members":       {"services/orchestrator/internal/api/authn.FuzzClaims"},
	"services/orchestrator/internal/api/authn.parseHeader":   {"services/orchestrator/internal/api/authn.FuzzToken", "services/orchestrator/internal/api/authn.FuzzClaims"},
	"services/orchestrator/internal/changes.hear":            {"services/orchestrator/internal/changes.FuzzHint"},
	"services/orchestrator/internal/judge.contentOf":         {"services/orchestrator/internal/judge.FuzzOutput"},
	"services/orchestrator/internal/judge.validate":          {"services/orchestrator/internal/judge.FuzzOutput"},
	"services/orchestrator/internal/judge.makeForm":          {"services/orchestrator/internal/judge.FuzzOutput"},
	"services/orchestrator/internal/memory.decode":           {"services/orchestrator/internal/memory.FuzzAnswer"},
	"services/orchestrator/internal/planner/jsonpath.Decode": {"services/orchestrator/internal/planner/jsonpath.FuzzGet", "services/orchestrator/internal/planner.FuzzTemplate"},
	"services/orchestrator.readSeed":                         {"services/orchestrator.FuzzSeed"},
	"services/orchestrator.parse":                            {"services/orchestrator.FuzzSeed", "services/orchestrator.FuzzPolicy"},
	"services/orchestrator/internal/planner.parse":           {"services/orchestrator/internal/planner.FuzzPlaybook"},
	"skills/analytics.platformOf":                            {"skills/analytics.FuzzPlatform"},
	"skills/copywriter.platformOf":                           {"skills/internal/skillkit.FuzzArguments"},
	"skills/copywriter.post":                                 {"skills/copywriter.FuzzProvider"},
	"skills/copywriter.readAnswer":                           {"skills/copywriter.FuzzModelAnswer"},
	"skills/internal/bluesky.BlobOf":                         {"skills/internal/bluesky.FuzzRecord"},
	"skills/internal/bluesky.SHA256":                         {"skills/internal/bluesky.FuzzRecord"},
	"skills/internal/bluesky.refusal":                        {"skills/internal/bluesky.FuzzRecord"},
	"skills/internal/bluesky.send":                           {"skills/internal/bluesky.FuzzRecord", "skills/internal/bluesky.FuzzFacets"},
	"skills/internal/mastodon.PlainText":                     {"skills/internal/mastodon.FuzzHTML"},
	"skills/internal/mastodon.call":                          {"skills/internal/mastodon.FuzzStatus"},
	"skills/internal/mastodon.typed":                         {"skills/internal/mastodon.FuzzStatus"},
	"skills/internal/skillkit.accessToken":                   {"skills/internal/skillkit.FuzzBearer"},
	"skills/internal/skillkit.check":                         {"skills/internal/skillkit.FuzzArguments"},
	"skills/internal/skillkit.decode":                        {"skills/internal/skillkit.FuzzArguments"},
	"skills/internal/skillkit.redact":                        {"skills/internal/skillkit.FuzzArguments", "services/kit/secret.FuzzRedact"},
	"skills/publisher.inspect":                               {"skills/publisher.FuzzImage"},
	"skills/publisher.platformOf":                            {"skills/publisher.FuzzPayload"},
	"skills/trends.fetchFeed":                                {"skills/trends.FuzzFeed", "skills/trends.FuzzLink"},
	"skills/trends.getJSON":                                  {"skills/trends.FuzzStory"},
	"skills/trends.htmlText":                                 {"skills/trends.FuzzStory"},
	"skills/trends.tooDeep":                                  {"skills/trends.FuzzFeed"},
}

const (
	stored    = "our own row: encoded by commit from a message that passed its rules"
	judged    = "a tool's output that the Judge has held against its form, read into a plain struct; FuzzOutput has the bytes before that"
	installed = "the operator's own file or variable, read at start"
)

// ours are the decoders that only bytes of the system itself reach, and why.
var ours = map[string]string{
	"services/kit/grant.ParsePublic":                          installed,
	"services/kit/secret.UnmarshalJSON":                       installed,
	"services/orchestrator.readKey":                           installed,
	"services/kit/platforms.parse":                            "rules compiled into the program",
	"services/orchestrator/internal/api.reviewCursorFrom":     "the cursor of a page token that FuzzPageToken has shown to be ours",
	"services/orchestrator/internal/api.decisionBody":         stored,
	"services/orchestrator/internal/api.detailOf":             stored,
	"services/orchestrator/internal/api.grantOf":              stored,
	"services/orchestrator/internal/api.recalled":             judged,
	"services/orchestrator/internal/api.textIn":               judged,
	"services/orchestrator/internal/commit.MovePlanned":       stored,
	"services/orchestrator/internal/commit.outputsOf":         stored,
	"services/orchestrator/internal/commit.policy":            stored,
	"services/orchestrator/internal/commit.stored":            stored,
	"services/orchestrator/internal/api.fromJSON":             stored,
	"services/orchestrator/internal/api.planNodes":            stored,
	"services/orchestrator/internal/api.resultBody":           stored,
	"services/orchestrator/internal/commit.apply":             stored,
	"services/orchestrator/internal/commit.inputConfidence":   stored,
	"services/orchestrator/internal/commit.outputSchema":      stored,
	"services/orchestrator/internal/commit.planNodes":         stored,
	"services/orchestrator/internal/commit.plannerCampaign":   stored,
	"services/orchestrator/internal/commit.reviewed":          stored,
	"services/orchestrator/internal/commit.signedGrant":       stored,
	"services/orchestrator/internal/flow.Replay":              stored,
	"services/orchestrator/internal/commit.lookup":            judged,
	"services/orchestrator/internal/commit.observeMetrics":    judged,
	"services/orchestrator/internal/commit.observePost":       judged,
	"services/orchestrator/internal/commit.readReceipt":       judged,
	"services/orchestrator/internal/commit.recordPost":        judged,
	"services/orchestrator/internal/commit.textOf":            judged,
	"services/orchestrator/internal/dispatch.ReadCheckpoints": installed,
}

// TestEveryDecoderIsFuzzed: a new one is in neither list and fails here; so does a target without its corpus.
func TestEveryDecoderIsFuzzed(t *testing.T) { // R12.2
	files := sources(t)
	found := decoders(t, files)
	require.Greater(t, len(found), 50, "the scanner lost its way")
	known := slices.Sorted(maps.Keys(ours))
	known = append(known, slices.Collect(maps.Keys(outside))...)
	slices.Sort(known)
	require.Empty(t, without(found, known), "decode bytes and are in no list: whose bytes are these?")
	require.Empty(t, without(known, found), "are in a list and decode nothing: take them out")

	all, bare, boundless := targets(t, files)
	require.Empty(t, bare, "fuzz targets without a corpus: put seeds under testdata/fuzz")
	require.Empty(t, boundless, "fuzz targets whose inputs may take any time and memory: begin with defer fuzztest.Bound(t)()")
	for name, list := range outside {
		require.NotEmpty(t, list, name)
		require.Empty(t, without(list, all), "%s is not fuzzed by what does not exist", name)
	}
	t.Logf("%d decoders of outside bytes, %d of our own, %d fuzz targets", len(outside), len(ours), len(all))
}

// The planted bug: a decoder that nobody listed is found, wherever the call hides.
func TestNewDecoderIsFound(t *testing.T) {
	found := decoders(t, map[string][]string{"planted": {"testdata/planted.go"}})
	require.Equal(t, []string{"planted.hidden", "planted.plain", "planted.var"}, found)
}

// The planted bugs: a target without a corpus, and one that bounds nothing.
func TestCarelessTargetIsFound(t *testing.T) {
	all, bare, boundless := targets(t, map[string][]string{"planted": {"testdata/planted_test.go"}})
	require.Equal(t, []string{"planted.FuzzBoundless", "planted.FuzzCareful"}, all)
	require.Equal(t, all, bare)
	require.Equal(t, []string{"planted.FuzzBoundless"}, boundless)
}

func without(list, known []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		_, ok := slices.BinarySearch(slices.Sorted(slices.Values(known)), s)
		return ok || strings.TrimSpace(s) == ""
	})
}
