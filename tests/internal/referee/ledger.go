package referee

import (
	"fmt"
	"slices"
	"strings"
)

// Kinds of findings: what must never happen, whatever breaks (R7.2, R7.4, R9.4, R10.5, R14.3).
const (
	Lost           = "lost"
	CommittedTwice = "committed twice"
	PublishedTwice = "published twice"
	Stuck          = "stuck without an owner"
	Unconsumed     = "grant not consumed"
	Open           = "isolation"
	Broken         = "audit"
	Wrong          = "published wrongly"
)

// Finding is one thing that is wrong. Object is the task, effect or campaign to look into; "" if there is none.
type Finding struct{ Kind, Object, Text string }

func (f Finding) String() string { return f.Kind + ": " + f.Text }

// Record is one task with what the books hold of it.
type Record struct {
	ID, Campaign, Node, Kind, State, Error string
	Results                                int64
	Approvals                              int64 // approving decisions, judges' and people's
	Entries                                int64 // what the audit chain says of those
	OpenReviews                            int64
	Letters                                int64 // dead letters that tell people of it
}

// Campaign is one campaign that was started.
type Campaign struct {
	ID, State string
	Nodes     int64 // of its current plan
	Tasks     int64 // that those nodes have
	Starts    int64 // the audit chain's entries of its start
}

// Execution is one effect with its grants.
type Execution struct {
	ID, Task, State string
	Redeemed        int64 // grants that are used up
	Redemptions     int64 // the audit chain's entries of that
	Preparations    int64 // how often a grant was issued for it: the first time, and after each certain absence
	Confirmations   int64 // the audit chain's entries that it is out
}

// Ledger is the whole system's books at rest: Postgres, the platforms' own count, and the audit chain.
type Ledger struct {
	Book
	Campaigns  []Campaign
	Records    []Record
	Executions []Execution
	// Unforced are tables of tenants whose row-level security their owner could pass by.
	Unforced []string
	// Unverified is what the audit chain's own verification finds.
	Unverified []string
}

// Settle answers all that is wrong with books in which nothing is under way any more. Empty means nothing.
func Settle(l Ledger) []Finding {
	var found []Finding
	say := func(kind, object, format string, args ...any) {
		found = append(found, Finding{kind, object, fmt.Sprintf(format, args...)})
	}
	for _, c := range l.Campaigns {
		if c.State != "completed" {
			say(Lost, c.ID, "campaign %s was started and is %s", c.ID, c.State)
		}
		if c.Tasks != c.Nodes {
			say(Lost, c.ID, "campaign %s has %d tasks for %d nodes", c.ID, c.Tasks, c.Nodes)
		}
		if c.Starts < 1 {
			say(Broken, c.ID, "nobody started campaign %s, says the chain", c.ID)
		}
	}
	for _, r := range l.Records {
		for _, f := range settleRecord(r) {
			say(f.Kind, r.ID, "%s %s", r.Node, f.Text)
		}
	}
	for _, e := range l.Executions {
		for _, f := range settleExecution(e) {
			say(f.Kind, e.Task, "effect %s %s", e.ID, f.Text)
		}
	}
	for _, line := range Audit(l.Book) {
		say(kindOf(line), "", "%s", line)
	}
	for _, table := range l.Unforced {
		say(Open, "", "%s does not force row-level security", table)
	}
	for _, line := range l.Unverified {
		say(Broken, "", "%s", line)
	}
	slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.String(), b.String()) })
	return found
}

func settleRecord(r Record) (found []Finding) {
	say := func(kind, format string, args ...any) {
		found = append(found, Finding{Kind: kind, Text: fmt.Sprintf(format, args...)})
	}
	if !slices.Contains(ended, r.State) {
		say(Stuck, "is %s and nothing moves it", r.State)
	}
	if r.OpenReviews > 0 && r.State != "awaiting_review" {
		say(Stuck, "is %s and a review of it is open", r.State)
	}
	// A look-up that finds nothing out is told by its effect, which is looked up again or waits for a person.
	looksUp := strings.HasPrefix(r.Node, "lookup:")
	if (r.State == "failed" || r.State == "expired") && r.Error == "" && r.Letters == 0 && !looksUp {
		say(Lost, "is %s and nobody is told why", r.State)
	}
	// An effect is approved as a proposal by a person and, if the platform answered, as an execution by the judge.
	limit := int64(1)
	if r.Kind == "effect" {
		limit = 2
	}
	if r.Approvals > limit || r.Entries > limit {
		say(CommittedTwice, "was approved %d times, %d says the chain; %d is the most", r.Approvals, r.Entries, limit)
	}
	if r.Approvals != r.Entries {
		say(Broken, "has %d approvals and %d entries of them", r.Approvals, r.Entries)
	}
	if r.State == "succeeded" && (r.Results < 1 || r.Approvals < 1 && !looksUp) {
		say(Lost, "succeeded with %d results and %d approvals", r.Results, r.Approvals)
	}
	return found
}

func settleExecution(e Execution) (found []Finding) {
	say := func(kind, format string, args ...any) {
		found = append(found, Finding{Kind: kind, Text: fmt.Sprintf(format, args...)})
	}
	if e.State == "confirmed" && e.Redeemed < 1 {
		say(Unconsumed, "is confirmed and no grant of it was used up")
	}
	if e.Redeemed != e.Redemptions {
		say(Unconsumed, "used up %d grants, %d times says the chain", e.Redeemed, e.Redemptions)
	}
	if e.Redemptions > e.Preparations {
		say(Unconsumed, "was let out %d times on %d grants", e.Redemptions, e.Preparations)
	}
	if e.Confirmations > 1 {
		say(CommittedTwice, "was confirmed %d times", e.Confirmations)
	}
	if e.State == "confirmed" && e.Confirmations < 1 {
		say(Broken, "is confirmed, and the chain does not know")
	}
	return found
}

func kindOf(line string) string {
	word, _, _ := strings.Cut(line, ":")
	switch word {
	case "twice":
		return PublishedTwice
	case "lost", "post":
		return Lost
	default:
		return Wrong
	}
}

// Kinds are the different kinds of findings, in order.
func Kinds(found []Finding) []string {
	kinds := make([]string, 0, len(found))
	for _, f := range found {
		kinds = append(kinds, f.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
