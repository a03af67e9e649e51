package planner

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawCampaign has 1 to 8 accounts on any known platform.
func drawCampaign(t *rapid.T) Campaign {
	c := campaign()
	c.Accounts = nil
	for i := range rapid.IntRange(1, 8).Draw(t, "accounts") {
		c.Accounts = append(c.Accounts, Account{ID: fmt.Sprintf("acct-%d", i), Platform: rapid.SampledFrom([]string{"bluesky", "mastodon"}).Draw(t, "platform")})
	}
	return c
}

func TestEveryPlanIsAGraphThatFinishes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCampaign(t)
		c.Playbook = rapid.SampledFrom(Playbooks()).Draw(t, "playbook").Name
		nodes := plan(t, c)
		seen := map[string]bool{}
		for _, n := range nodes {
			require.False(t, seen[n.Key], "%s stands twice", n.Key)
			for _, d := range n.DependsOn {
				require.True(t, seen[d], "%s comes before its dependency %s", n.Key, d)
			}
			seen[n.Key] = true
		}
		// Finishing any ready node, in any order, always reaches the end: nothing is unreachable.
		done := map[string]bool{}
		for range nodes {
			ready := Ready(nodes, func(key string) bool { return done[key] })
			require.NotEmpty(t, ready, "stuck with %d of %d done", len(done), len(nodes))
			done[rapid.SampledFrom(ready).Draw(t, "next").Key] = true
		}
		require.Len(t, done, len(nodes))
	})
}

// R7.1: planning anew touches the one account's draft and what builds on it, and nothing else.
func TestReviseKeepsTheRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCampaign(t)
		before := plan(t, c)
		for range rapid.IntRange(1, 5).Draw(t, "revisions") {
			account := rapid.SampledFrom(c.Accounts).Draw(t, "account").ID
			key := rapid.SampledFrom([]string{"draft", "publish", "readback", "metrics"}).Draw(t, "step") + ":" + account
			frozen, err := json.Marshal(before)
			require.NoError(t, err)
			after, replaced, err := Revise(before, key, []string{"again"}, "text")
			require.NoError(t, err)

			still, err := json.Marshal(before)
			require.NoError(t, err)
			require.Equal(t, frozen, still, "the version before is a record and stays as it was")
			require.ElementsMatch(t, []string{"draft:" + account, "publish:" + account, "readback:" + account, "metrics:" + account}, replaced)
			added, removed := Diff(before, after)
			require.ElementsMatch(t, replaced, added)
			require.ElementsMatch(t, replaced, removed)
			require.Len(t, after, len(before))
			for i := range after {
				require.Equal(t, before[i].Key, after[i].Key)
				if slices.Contains(replaced, after[i].Key) {
					require.Equal(t, before[i].Revision+1, after[i].Revision)
					continue
				}
				require.Empty(t, cmp.Diff(before[i], after[i]))
			}
			before = after
		}
	})
}

// A task's digest is over the bound bytes: binding again, on another replica, must give the same.
func TestBindIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCampaign(t)
		n := node(t, plan(t, c), "draft:acct-0")
		var trends []map[string]any
		for i := range rapid.IntRange(1, 30).Draw(t, "trends") {
			trends = append(trends, map[string]any{"title": rapid.String().Draw(t, "title"), "n": i, "f": rapid.Float64Range(0, 1).Draw(t, "f")})
		}
		raw, err := json.Marshal(map[string]any{"trends": trends})
		require.NoError(t, err)
		in := map[string]Output{"collect": {JSON: raw}, "recall": {JSON: json.RawMessage(`{}`)}}
		first, err := Bind(n, c, in)
		require.NoError(t, err)
		for range 3 {
			again, err := Bind(n, c, in)
			require.NoError(t, err)
			require.Equal(t, string(first.ArgumentsJSON), string(again.ArgumentsJSON))
		}
		var bound struct {
			Trends   []any `json:"trends"`
			Memories []any `json:"memories"`
		}
		require.NoError(t, json.Unmarshal(first.ArgumentsJSON, &bound))
		require.Len(t, bound.Trends, min(10, len(trends)))
		require.NotNil(t, bound.Memories)
	})
}
