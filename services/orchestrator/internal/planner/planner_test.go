package planner

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

const (
	ada  = "01900000-0000-7000-8000-00000000000a"
	bert = "01900000-0000-7000-8000-00000000000b"
)

func campaign() Campaign {
	return Campaign{
		ID: "c1", AgentID: "a1", Goal: "Tell people about bees", Playbook: "trend-post",
		Persona:  &platformv1.Persona{Voice: "warm", Language: "en", Never: []string{"cure"}},
		Accounts: []Account{{ada, "bluesky", "ada.test"}, {bert, "mastodon", "bert"}},
		Params:   &platformv1.CampaignParameters{Feeds: []string{"https://example.org/feed"}, MetricsAfter: durationpb.New(time.Minute)},
	}
}

func plan(t require.TestingT, c Campaign) []Node {
	nodes, err := Plan(c)
	require.NoError(t, err)
	return nodes
}

func node(t require.TestingT, nodes []Node, key string) Node {
	at := slices.IndexFunc(nodes, func(n Node) bool { return n.Key == key })
	require.GreaterOrEqual(t, at, 0, key)
	return nodes[at]
}

// R7.1: the goal becomes a graph; effects start as proposals and only they have a slot.
func TestPlanTrendPost(t *testing.T) {
	nodes := plan(t, campaign())
	var keys []string
	for _, n := range nodes {
		keys = append(keys, n.Key)
	}
	require.Equal(t, []string{
		"collect", "recall", "draft:" + ada, "draft:" + bert, "publish:" + ada, "publish:" + bert,
		"readback:" + ada, "readback:" + bert, "metrics:" + ada, "metrics:" + bert,
	}, keys)
	draft, publish, metrics := node(t, nodes, "draft:"+bert), node(t, nodes, "publish:"+bert), node(t, nodes, "metrics:"+bert)
	require.Equal(t, []string{"collect", "recall"}, draft.DependsOn)
	require.Equal(t, []string{"draft:" + bert}, publish.DependsOn)
	require.Equal(t, busv1.TaskMode_TASK_MODE_PROPOSE, publish.Mode)
	require.Equal(t, DefaultSlot, publish.Slot)
	require.Equal(t, busv1.TaskMode_TASK_MODE_RUN, draft.Mode)
	require.Zero(t, draft.Slot)
	require.Equal(t, "mastodon", draft.Platform)
	require.Equal(t, time.Minute, metrics.Delay)

	var later []string
	for _, n := range nodes {
		if n.ReviewedLater {
			later = append(later, n.Key)
		}
	}
	require.Equal(t, []string{"collect", "recall", "draft:" + ada, "draft:" + bert}, later)

	unset := campaign()
	unset.Params = nil
	require.Equal(t, 10*time.Second, node(t, plan(t, unset), "metrics:"+ada).Delay)
}

func TestPlanRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Campaign)
		kind   errs.Kind
	}{
		"unknown playbook": {func(c *Campaign) { c.Playbook = "none" }, errs.NotFound},
		"no goal":          {func(c *Campaign) { c.Goal = "" }, errs.Invalid},
		"no persona":       {func(c *Campaign) { c.Persona = nil }, errs.Invalid},
		"no account":       {func(c *Campaign) { c.Accounts = nil }, errs.Invalid},
		"twice":            {func(c *Campaign) { c.Accounts[1] = c.Accounts[0] }, errs.Invalid},
		"unknown platform": {func(c *Campaign) { c.Accounts[0].Platform = "nowhere" }, errs.Invalid},
		"too many":         {func(c *Campaign) { c.Accounts = make([]Account, MaxAccounts+1) }, errs.Invalid},
	} {
		bad := campaign()
		c.change(&bad)
		_, err := Plan(bad)
		require.Error(t, err, name)
		require.Equal(t, c.kind, errs.KindOf(err), name)
	}
}

func TestNodesRoundTripThroughJSON(t *testing.T) {
	nodes := plan(t, campaign())
	nodes, _, err := Revise(nodes, "draft:"+ada, []string{"shorter"}, "before")
	require.NoError(t, err)
	raw, err := json.Marshal(nodes)
	require.NoError(t, err)
	var back []Node
	require.NoError(t, json.Unmarshal(raw, &back))
	require.Empty(t, cmp.Diff(nodes, back))
}

func outputs() map[string]Output {
	return map[string]Output{
		"collect":         {JSON: json.RawMessage(`{"trends":[{"title":"Bees","summary":"` + strings.Repeat("b", 700) + `","url":"https://example.org/bees","tainted":true}]}`), Tainted: true},
		"recall":          {JSON: json.RawMessage(`{"memories":[{"id":"m1","text":"short works","kind":"post","score":0.90,"tainted":false}],"degraded":""}`)},
		"draft:" + ada:    {JSON: json.RawMessage(`{"text":"Bees!","langs":["en"],"tags":null}`), Method: "template/v1", Tainted: true},
		"publish:" + ada:  {JSON: json.RawMessage(`{"remote_id":"3k","uri":"at://x/3k"}`)},
		"publish:" + bert: {JSON: json.RawMessage(`{"remote_id":"not ada's","uri":"not ada's"}`)},
	}
}

func TestBindDraft(t *testing.T) {
	nodes, _, err := Revise(plan(t, campaign()), "publish:"+ada, []string{"less loud"}, "BEES")
	require.NoError(t, err)
	b, err := Bind(node(t, nodes, "draft:"+ada), campaign(), outputs())
	require.NoError(t, err)
	require.True(t, b.Tainted, "the feed's text went in")
	require.JSONEq(t, `{
		"platform":"bluesky","goal":"Tell people about bees","max_graphemes":284,
		"persona":{"voice":"warm","audience":"","topics":[],"never":["cure"],"language":"en","hashtags":[]},
		"trends":[{"title":"Bees","summary":"`+strings.Repeat("b", 599)+`…","url":"https://example.org/bees","tainted":true}],
		"memories":[{"text":"short works"}],"remarks":["less loud"],"previous_text":"BEES"}`, string(b.ArgumentsJSON))
}

func TestBindPublishAndReadback(t *testing.T) {
	nodes := plan(t, campaign())
	b, err := Bind(node(t, nodes, "publish:"+ada), campaign(), outputs())
	require.NoError(t, err)
	require.JSONEq(t, `{"platform":"bluesky","account_id":"`+ada+`","text":"Bees!","langs":["en"],"tags":[],"media":[],"content_warning":"",
		"visibility":"public","self_labels":[],"disclosure":{"ai_generated":true,"method":"template/v1"}}`, string(b.ArgumentsJSON))

	b, err = Bind(node(t, nodes, "readback:"+ada), campaign(), outputs())
	require.NoError(t, err)
	require.False(t, b.Tainted)
	require.JSONEq(t, `{"platform":"bluesky","account_id":"`+ada+`","uri":"at://x/3k","remote_id":"3k"}`, string(b.ArgumentsJSON))
}

func TestBindRefuses(t *testing.T) {
	nodes := plan(t, campaign())
	publish := node(t, nodes, "publish:"+ada)
	for name, c := range map[string]struct {
		output map[string]Output
		kind   errs.Kind
		reason typev1.Reason
	}{
		"not done yet":        {map[string]Output{}, errs.Conflict, typev1.Reason_REASON_WRONG_STATE},
		"another account's":   {map[string]Output{"draft:" + bert: outputs()["draft:"+ada]}, errs.Conflict, typev1.Reason_REASON_WRONG_STATE},
		"no text in it":       {map[string]Output{"draft:" + ada: {JSON: json.RawMessage(`{"langs":[]}`)}}, errs.Invalid, typev1.Reason_REASON_OUTPUT_INVALID},
		"not JSON":            {map[string]Output{"draft:" + ada: {JSON: json.RawMessage(`{"text":`)}}, errs.Invalid, typev1.Reason_REASON_OUTPUT_INVALID},
		"two values":          {map[string]Output{"draft:" + ada: {JSON: json.RawMessage(`{"text":"a"} {}`)}}, errs.Invalid, typev1.Reason_REASON_OUTPUT_INVALID},
		"deeper than any use": {map[string]Output{"draft:" + ada: {JSON: json.RawMessage(`{"text":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`)}}, errs.Invalid, typev1.Reason_REASON_OUTPUT_INVALID},
		"too large":           {map[string]Output{"draft:" + ada: {JSON: json.RawMessage(`{"text":"` + strings.Repeat("x", MaxArgumentsBytes) + `"}`)}}, errs.Invalid, typev1.Reason_REASON_TOO_LARGE},
	} {
		_, err := Bind(publish, campaign(), c.output)
		require.Error(t, err, name)
		require.Equal(t, c.kind, errs.KindOf(err), name)
		require.Equal(t, c.reason, errs.ReasonOf(err), name)
	}
	elsewhere := campaign()
	elsewhere.Accounts = elsewhere.Accounts[1:]
	_, err := Bind(publish, elsewhere, outputs())
	require.Equal(t, errs.Invalid, errs.KindOf(err), "the account left the campaign")
}

func TestReviseRefuses(t *testing.T) {
	nodes := plan(t, campaign())
	_, _, err := Revise(nodes, "nothing", nil, "")
	require.Equal(t, errs.NotFound, errs.KindOf(err))
	_, _, err = Revise(nodes, "collect", nil, "")
	require.Equal(t, typev1.Reason_REASON_WRONG_STATE, errs.ReasonOf(err))
	for range MaxRevisions - 1 {
		nodes, _, err = Revise(nodes, "draft:"+ada, []string{"again"}, "x")
		require.NoError(t, err)
	}
	require.Len(t, node(t, nodes, "draft:"+ada).Remarks, MaxRevisions-1)
	_, _, err = Revise(nodes, "draft:"+ada, []string{"again"}, "x")
	require.Equal(t, typev1.Reason_REASON_LIMIT_EXCEEDED, errs.ReasonOf(err))
	_, _, err = Revise(nodes, "draft:"+bert, []string{"first"}, "x")
	require.NoError(t, err, "the other account's count is its own")
}

// Two branches from one version, as two replicas may try: neither writes into the other's remarks.
func TestRevisionsShareNoMemory(t *testing.T) {
	base := plan(t, campaign())
	at := slices.IndexFunc(base, func(n Node) bool { return n.Key == "draft:"+ada })
	base[at].Remarks = append(make([]string, 0, 4), "first")
	one, _, err := Revise(base, "draft:"+ada, []string{"one"}, "")
	require.NoError(t, err)
	_, _, err = Revise(base, "draft:"+ada, []string{"two"}, "")
	require.NoError(t, err)
	require.Equal(t, []string{"first", "one"}, one[at].Remarks)
}

func TestBindReadsDependenciesOnly(t *testing.T) {
	n := node(t, plan(t, campaign()), "publish:"+ada)
	n.Arguments = json.RawMessage(`{"text":{"$from":"recall.output.degraded"}}`)
	in := outputs()
	in["recall:"+ada] = in["recall"]
	_, err := Bind(n, campaign(), in)
	require.Equal(t, typev1.Reason_REASON_WRONG_STATE, errs.ReasonOf(err))
}

func TestReadyAndSuccessors(t *testing.T) {
	nodes := plan(t, campaign())
	done := map[string]bool{"collect": true}
	is := func(key string) bool { return done[key] }
	require.Equal(t, []Node{node(t, nodes, "recall")}, Ready(nodes, is))
	done["recall"] = true
	require.Len(t, Ready(nodes, is), 2)
	require.Equal(t, []string{"readback:" + ada, "metrics:" + ada}, Successors(nodes, "publish:"+ada))
	require.Len(t, Successors(nodes, "collect"), 8)
	require.Empty(t, Successors(nodes, "metrics:"+ada))
}
