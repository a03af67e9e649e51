// Package referee holds what the system believes against what the platforms saw. Its checks are values in, findings
// out: a scenario asks for none, and each check's own test plants the fault that it must find.
package referee

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// Creation is one post as its platform counts it; deleted ones count too, they were public once.
type Creation struct {
	Platform   string `json:"platform"`
	Handle     string `json:"handle"`
	Key        string `json:"key"`
	TextSHA256 string `json:"text_sha256"`
	PostID     string `json:"post_id"`
	URI        string `json:"uri"`
}

// Effect is one publication as the orchestrator's tables have it.
type Effect struct {
	ID, TaskID, Handle, Platform, Key, State, PayloadSHA256 string
	Edited                                                  bool
}

// Post is a row of posts.
type Post struct{ EffectID, Text string }

// Task is a row of tasks.
type Task struct {
	ID, Node, State, Mode string
	ResultsOfOneEpoch     int // most results that any single epoch has
}

// Approval is a decided review of a proposal.
type Approval struct{ TaskID, PayloadSHA256, DecidedBy string }

// Book is all that is known about some campaigns.
type Book struct {
	Creations []Creation
	Effects   []Effect
	Posts     []Post
	Tasks     []Task
	Approvals []Approval
	// Nodes are the plan's, each of which must have a task.
	Nodes []string
}

// Audit answers what is wrong: something lost, something twice, something nobody approved. Empty means nothing.
func Audit(b Book) []string {
	var found []string
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	creations := map[string][]Creation{}
	for _, c := range b.Creations {
		k := c.Platform + " " + c.Handle + " " + c.Key
		creations[k] = append(creations[k], c)
	}
	texts := map[string]string{}
	posts := map[string]int{}
	for _, p := range b.Posts {
		posts[p.EffectID]++
		sum := sha256.Sum256([]byte(p.Text))
		texts[p.EffectID] = hex.EncodeToString(sum[:])
	}
	known := map[string]bool{}
	for _, e := range b.Effects {
		k := e.Platform + " " + e.Handle + " " + e.Key
		known[k] = true
		there := creations[k]
		switch {
		case len(there) > 1:
			say("twice: %s is on the platform %d times", k, len(there))
		case e.State == "confirmed" && len(there) == 0:
			say("lost: %s is confirmed and not on the platform", k)
		case e.State != "confirmed" && len(there) > 0:
			say("unaccounted: %s is on the platform and its effect is %s", k, e.State)
		}
		if e.State == "confirmed" && posts[e.ID] != 1 {
			say("post: %s is confirmed and has %d rows in posts", k, posts[e.ID])
		}
		if len(there) == 1 && texts[e.ID] != "" && there[0].TextSHA256 != texts[e.ID] {
			say("bytes: what is on the platform for %s is not what was recorded", k)
		}
		if !slices.ContainsFunc(b.Approvals, func(a Approval) bool {
			return a.TaskID == e.TaskID && a.DecidedBy != "" && (e.Edited || a.PayloadSHA256 == e.PayloadSHA256)
		}) {
			say("unapproved: nobody approved the bytes of %s", k)
		}
	}
	for k := range creations {
		if !known[k] {
			say("unknown: %s is on the platform and no effect knows it", k)
		}
	}
	for _, c := range doubledTexts(b.Creations) {
		say("twice: %s on %s carries a text that is there already", c.PostID, c.Handle)
	}
	for _, t := range b.Tasks {
		if t.ResultsOfOneEpoch > 1 {
			say("twice: %s has %d results of one attempt", t.Node, t.ResultsOfOneEpoch)
		}
	}
	slices.Sort(found)
	return found
}

func doubledTexts(all []Creation) (again []Creation) {
	seen := map[string]bool{}
	for _, c := range all {
		k := c.Platform + c.Handle + c.TextSHA256
		if seen[k] {
			again = append(again, c)
		}
		seen[k] = true
	}
	return again
}

// ended are the states that a task does not leave by itself.
var ended = []string{"succeeded", "rejected", "failed", "expired", "cancelled"}

// Unfinished answers what a finished campaign must not have: nodes without a task, and tasks that still wait.
func Unfinished(b Book) []string {
	var found []string
	for _, node := range b.Nodes {
		if !slices.ContainsFunc(b.Tasks, func(t Task) bool { return t.Node == node }) {
			found = append(found, "lost: the plan's "+node+" has no task")
		}
	}
	for _, t := range b.Tasks {
		if !slices.Contains(ended, t.State) {
			found = append(found, "stuck: "+t.Node+" is "+t.State)
		}
	}
	return found
}

// Hop is one entry of a post's timeline.
type Hop struct {
	Stage string
	At    time.Time
}

// path is the order in which a post's stages first come up.
var path = []string{"goal", "plan", "task", "result", "verdict", "review", "grant", "effect", "readback", "metrics"}

// Timeline answers the stages that are missing from a post's timeline or out of order.
func Timeline(hops []Hop) []string {
	var found []string
	for i := 1; i < len(hops); i++ {
		if hops[i].At.Before(hops[i-1].At) {
			found = append(found, fmt.Sprintf("order: %s comes before %s", hops[i].Stage, hops[i-1].Stage))
		}
	}
	var last time.Time
	for _, stage := range path {
		i := slices.IndexFunc(hops, func(h Hop) bool { return h.Stage == stage })
		switch {
		case i < 0:
			found = append(found, "missing: "+stage)
		case hops[i].At.IsZero():
			found = append(found, "time: "+stage+" has none")
		case hops[i].At.Before(last):
			found = append(found, "order: "+stage+" came up too early")
		default:
			last = hops[i].At
		}
	}
	return found
}
