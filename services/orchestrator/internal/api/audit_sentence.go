package api

import (
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// grounds say why an action was allowed, by its whole name or its first part with a dot. The whole name counts first.
var grounds = map[string]string{
	"review.approved": "a reviewer's decision over the exact bytes shown", "review.rejected": "a reviewer's decision", "review.changes_requested": "a reviewer's decision",
	"review.claimed": "reviewers may hold an item", "review.released": "reviewers may hold an item", "review.snoozed": "reviewers may put an item off", "review.woken": "reviewers may put an item off",
	"review.opened": "the Judge asked for a person", "review.expired": "nobody decided before the deadline",
	"stop.pressed": "operators may stop their tenant's work", "stop.released": "admins may release a stop",
	"tool.accepted": "admins accept changed tools", "policy.": "admins set the policy", "member.": "admins set who may act",
	"account.": "admins manage accounts and their secrets", "agent.": "operators manage agents", "persona.": "operators manage agents",
	"campaign.completed": "its last step ended", "campaign.failed": "its last step ended", "campaign.": "operators run campaigns",
	"plan.": "the plan follows from the campaign's commands", "task.moved": "operators plan publications", "task.retried": "operators may try a failed step again",
	"task.approved": "the Judge decided under the tenant's policy", "task.rejected": "the Judge decided under the tenant's policy", "task.requires_human_review": "the Judge decided under the tenant's policy",
	"task.": "the step's own state machine", "result.": "a result is taken only from the attempt that holds the task",
	"grant.issued": "a person approved exactly these bytes", "grant.redeemed": "a signed grant, for one call and these bytes",
	"effect.prepared": "a person approved exactly these bytes", "effect.resolved_by_hand": "reviewers settle what nobody knows", "effect.": "a redeemed grant covers the call",
	"post.": "a redeemed grant covers the call", "dead_letter.kept": "what cannot be handled is kept", "dead_letter.": "operators handle dead letters",
	"security.": "it was not: the attempt was refused", "tenant.": "the installation's own set-up",
}

// allowedBecause is the ground in words for people, with the approver where the entry names one.
func allowedBecause(r audit.Record, detail entryDetail) string {
	ground, ok := grounds[r.Action]
	if !ok {
		first, _, _ := strings.Cut(r.Action, ".")
		ground = grounds[first+"."]
	}
	if detail.Approver != "" {
		ground += ", approved by " + detail.Approver
	}
	return ground
}

// entryDetail is what of an entry's detail leads to other objects.
type entryDetail struct {
	TaskID   string `json:"task_id"`
	EffectID string `json:"effect_id"`
	Approver string `json:"approver"`
}

func detailOf(r audit.Record) (d entryDetail) {
	_ = json.Unmarshal([]byte(r.Detail), &d) // the chain covers its bytes, whatever they are
	switch r.ObjectType {
	case "effect":
		d.EffectID = r.ObjectID
	case "task":
		d.TaskID = r.ObjectID
	}
	if uuid.Validate(d.EffectID) != nil {
		d.EffectID = ""
	}
	if uuid.Validate(d.TaskID) != nil {
		d.TaskID = ""
	}
	return d
}

// effectOfEntry is the entry's own effect, or its task's last one; nil without one.
func effectOfEntry(d entryDetail, effects []store.EffectTimes) *store.EffectTimes {
	var found *store.EffectTimes
	for i, e := range effects {
		if e.ID == d.EffectID {
			return &effects[i]
		}
		if e.TaskID == d.TaskID {
			found = &effects[i]
		}
	}
	return found
}

func auditOutcome(action string) platformv1.AuditOutcome {
	return enumOf[platformv1.AuditOutcome](platformv1.AuditOutcome_value, "AUDIT_OUTCOME_", string(audit.OutcomeOf(action)))
}
