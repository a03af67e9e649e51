package referee_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/tests/internal/referee"
)

func sound() referee.Ledger {
	return referee.Ledger{
		Campaigns:  []referee.Campaign{{ID: "c", State: "completed", Nodes: 2, Tasks: 2, Starts: 1}},
		Records:    []referee.Record{{ID: "r", Node: "collect", Kind: "read", State: "succeeded", Results: 1, Approvals: 1, Entries: 1}, {ID: "p", Node: "publish", Kind: "effect", State: "succeeded", Results: 2, Approvals: 2, Entries: 2}},
		Executions: []referee.Execution{{ID: "e", Task: "p", State: "confirmed", Redeemed: 1, Redemptions: 1, Preparations: 1, Confirmations: 1}},
	}
}

// Every rule of the books is broken by one change, and found under its kind (R7.4, R10.5).
func TestSettleFindsEachBreach(t *testing.T) {
	require.Empty(t, referee.Settle(sound()))
	for name, c := range map[string]struct {
		kind string
		harm func(l *referee.Ledger)
	}{
		"a campaign that never ends":      {referee.Lost, func(l *referee.Ledger) { l.Campaigns[0].State = "running" }},
		"a node without a task":           {referee.Lost, func(l *referee.Ledger) { l.Campaigns[0].Tasks = 1 }},
		"a start nobody audited":          {referee.Broken, func(l *referee.Ledger) { l.Campaigns[0].Starts = 0 }},
		"a task that waits":               {referee.Stuck, func(l *referee.Ledger) { l.Records[0].State = "queued" }},
		"a review of an ended task":       {referee.Stuck, func(l *referee.Ledger) { l.Records[1].OpenReviews = 1 }},
		"a failure nobody is told":        {referee.Lost, func(l *referee.Ledger) { l.Records[0].State = "failed" }},
		"a success without a result":      {referee.Lost, func(l *referee.Ledger) { l.Records[0].Results = 0 }},
		"a read approved twice":           {referee.CommittedTwice, func(l *referee.Ledger) { l.Records[0].Approvals, l.Records[0].Entries = 2, 2 }},
		"an approval off the chain":       {referee.Broken, func(l *referee.Ledger) { l.Records[0].Entries = 0 }},
		"an effect confirmed twice":       {referee.CommittedTwice, func(l *referee.Ledger) { l.Executions[0].Confirmations = 2 }},
		"an effect the chain misses":      {referee.Broken, func(l *referee.Ledger) { l.Executions[0].Confirmations = 0 }},
		"a grant that lives on":           {referee.Unconsumed, func(l *referee.Ledger) { l.Executions[0].Redeemed = 0 }},
		"a grant redeemed twice":          {referee.Unconsumed, func(l *referee.Ledger) { l.Executions[0].Redeemed, l.Executions[0].Redemptions = 2, 2 }},
		"a table its owner reads through": {referee.Open, func(l *referee.Ledger) { l.Unforced = []string{"posts"} }},
		"a chain that does not hold":      {referee.Broken, func(l *referee.Ledger) { l.Unverified = []string{"entry 5"} }},
		"a post that is there twice": {referee.PublishedTwice, func(l *referee.Ledger) {
			l.Creations = []referee.Creation{{Platform: "mastodon", Handle: "m", Key: "k", TextSHA256: "x"}, {Platform: "mastodon", Handle: "m", Key: "l", TextSHA256: "x"}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			l := sound()
			c.harm(&l)
			require.Contains(t, referee.Kinds(referee.Settle(l)), c.kind)
		})
	}
}
