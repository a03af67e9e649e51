package judge

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/planner/accept"
)

const (
	id       = "01900000-0000-7000-8000-000000000001"
	account  = "01900000-0000-7000-8000-00000000000a"
	goodText = "Bees are back.\n\n(AI-generated)"
)

// payload is a proposal's for Bluesky, with changes laid over it; nil removes a field.
func payload(changes map[string]any) json.RawMessage {
	p := map[string]any{
		"platform": "bluesky", "account_id": account, "text": goodText, "langs": []string{"en"}, "tags": []string{},
		"media":           []any{map[string]any{"url": "https://example.org/a.png", "sha256": "00", "mime": "image/png", "alt": "a bee"}},
		"content_warning": "", "visibility": "public", "self_labels": []string{"ai-generated"},
		"disclosure": map[string]any{"ai_generated": true, "method": "template/v1"},
	}
	for key, value := range changes {
		if p[key] = value; value == nil {
			delete(p, key)
		}
	}
	raw, _ := json.Marshal(p)
	return raw
}

func output(payload json.RawMessage) []byte {
	return []byte(`{"payload":` + string(payload) + `,"preview":{},"violations":[]}`)
}

// proposal is a case in which everything holds: only the floor keeps it from passing.
func proposal(changes map[string]any) Case {
	return Case{
		Task: &busv1.Task{
			Id: id, TenantId: id,
			Spec: &busv1.TaskSpec{
				Kind: busv1.TaskKind_TASK_KIND_EFFECT, Mode: busv1.TaskMode_TASK_MODE_PROPOSE, Tool: "publisher.publish",
				AccountId: account, ArgumentsJson: payload(nil),
			},
			Resources: &busv1.TaskResources{},
		},
		Result: &busv1.Result{
			Id: id, TenantId: id, TaskId: id, Status: busv1.ResultStatus_RESULT_STATUS_SUCCESS, OutputJson: output(payload(changes)),
			Confidence: &busv1.Confidence{Score: 1, Basis: "deterministic"}, Usage: &busv1.Usage{}, Provenance: &busv1.Provenance{},
		},
		Policy:   &platformv1.Policy{Version: 3, ConfidenceThreshold: 0.7, BannedTerms: []string{"miracle"}, SensitiveTerms: []string{"election"}},
		Platform: "bluesky", Never: []string{"cure"}, Revision: 1, Attempt: 1, MaxAttempts: 3, BudgetMicros: 100,
		TaskStateVersion: 5, Now: time.Unix(1_800_000_000, 0), NewID: func() string { return id },
	}
}

func draft(text string) Case {
	c := proposal(nil)
	c.Task.Spec.Kind, c.Task.Spec.Mode, c.Task.Spec.Tool = busv1.TaskKind_TASK_KIND_DRAFT, busv1.TaskMode_TASK_MODE_RUN, "copywriter.draft"
	c.Result.OutputJson, _ = json.Marshal(map[string]any{"text": text, "langs": []string{"en"}, "tags": nil})
	return c
}

func execution(outcome busv1.EffectOutcome) Case {
	c := proposal(nil)
	one := 1
	c.Task.Spec.Mode = busv1.TaskMode_TASK_MODE_EXECUTE
	c.Result.Outcome = outcome
	c.Result.OutputJson = []byte(`{"uri":"at://x/1"}`)
	c.Accept = []accept.Rule{{Path: "uri", MinLength: &one, Mode: accept.Execute}, {Path: "payload.text", MinLength: &one, Mode: accept.Propose}}
	return c
}

func failure(c Case, reason typev1.Reason, retryable bool) Case {
	c.Result.Status, c.Result.OutputJson, c.Result.Retryable = busv1.ResultStatus_RESULT_STATUS_FAILURE, nil, retryable
	c.Result.Error = &typev1.ErrorInfo{Reason: reason, Message: "it did not work"}
	return c
}

func with(c Case, change func(*Case)) Case {
	change(&c)
	return c
}

const (
	approved = busv1.Verdict_VERDICT_APPROVED
	refused  = busv1.Verdict_VERDICT_REJECTED
	human    = busv1.Verdict_VERDICT_REQUIRES_HUMAN_REVIEW

	none      = busv1.Disposition_DISPOSITION_UNSPECIFIED
	fail      = busv1.Disposition_DISPOSITION_FAIL
	retry     = busv1.Disposition_DISPOSITION_RETRY
	revise    = busv1.Disposition_DISPOSITION_REVISE
	reconcile = busv1.Disposition_DISPOSITION_RECONCILE

	low    = platformv1.ReviewRisk_REVIEW_RISK_LOW
	medium = platformv1.ReviewRisk_REVIEW_RISK_MEDIUM
	high   = platformv1.ReviewRisk_REVIEW_RISK_HIGH
)

func TestJudge(t *testing.T) { // R7.3
	one := 1
	long := strings.Repeat("a", 290) + "\n\n(AI-generated)"
	for name, c := range map[string]struct {
		of          Case
		verdict     busv1.Verdict
		disposition busv1.Disposition
		risk        platformv1.ReviewRisk
		// failed is the gravest failed check; empty when all pass.
		failed string
	}{
		"R10.3 perfect proposal":     {proposal(nil), human, none, low, floorName},
		"R10.3 unknown effect":       {with(proposal(nil), func(c *Case) { c.Task.Spec.Tool = "wallet.transfer" }), human, none, high, floorName},
		"R10.1 low confidence":       {with(proposal(nil), func(c *Case) { c.Result.Confidence.Score = 0.69 }), human, none, medium, "confidence"},
		"R10.1 low input":            {with(proposal(nil), func(c *Case) { c.InputConfidence = &busv1.Confidence{Score: 0.3, Basis: "template"} }), human, none, medium, "confidence"},
		"no policy":                  {with(proposal(nil), func(c *Case) { c.Policy = nil }), human, none, medium, "confidence"},
		"R10.2 sensitive":            {proposal(map[string]any{"text": "The Election\n\n(AI-generated)"}), human, none, high, "sensitive_terms"},
		"tainted":                    {with(proposal(nil), func(c *Case) { c.Task.Spec.Tainted = true }), human, none, medium, floorName},
		"banned in the text":         {proposal(map[string]any{"text": "A Mir\u200bacle!\n\n(AI-generated)"}), refused, revise, medium, "banned_terms"},
		"banned in the warning":      {proposal(map[string]any{"content_warning": "miracle"}), refused, revise, medium, "banned_terms"},
		"banned in a tag":            {proposal(map[string]any{"tags": []string{"Miracle"}}), refused, revise, medium, "banned_terms"},
		"banned in an alt text":      {proposal(map[string]any{"media": []any{map[string]any{"alt": "a miracle"}}}), refused, revise, medium, "banned_terms"},
		"banned in an unknown field": {proposal(map[string]any{"poll": map[string]any{"options": []string{"miracle"}}}), refused, revise, medium, "banned_terms"},
		"the platform's own name":    {with(proposal(nil), func(c *Case) { c.Policy.BannedTerms = []string{"bluesky", "public"} }), human, none, low, floorName},
		"R10.7 banned disclosure":    {with(proposal(nil), func(c *Case) { c.Never = []string{"AI-generated"} }), human, none, low, floorName},
		"never said by the persona":  {proposal(map[string]any{"text": "The cure.\n\n(AI-generated)"}), refused, revise, medium, "banned_terms"},
		"banned for the third time":  {with(proposal(map[string]any{"text": "miracle\n\n(AI-generated)"}), func(c *Case) { c.Revision = 3 }), refused, fail, medium, "banned_terms"},
		"too long":                   {proposal(map[string]any{"text": long}), refused, revise, medium, "limits"},
		"JSON as a post":             {draft(`{"text":"hello"}`), refused, revise, medium, "format"},
		"placeholder":                {draft("Dear [insert name]"), refused, revise, medium, "format"},
		"R10.6 undisclosed":          {proposal(map[string]any{"text": "Bees."}), refused, fail, medium, "disclosure"},
		"R10.6 unlabelled":           {proposal(map[string]any{"self_labels": []string{}}), refused, fail, medium, "disclosure"},
		"R10.6 denied":               {proposal(map[string]any{"disclosure": map[string]any{"ai_generated": false}}), refused, fail, medium, "disclosure"},
		"the stricter end counts":    {proposal(map[string]any{"text": "miracle"}), refused, fail, medium, "disclosure"},
		"another account":            {proposal(map[string]any{"account_id": id}), refused, fail, medium, "payload"},
		"another platform":           {proposal(map[string]any{"platform": "mastodon"}), refused, fail, medium, "payload"},
		"a key in two spellings":     {proposal(map[string]any{"Text": "what nobody reviewed"}), refused, fail, medium, "payload"},
		"no payload":                 {with(proposal(nil), func(c *Case) { c.Result.OutputJson = []byte(`{"preview":{}}`) }), refused, fail, medium, "payload"},
		"over the day's posts":       {with(proposal(nil), func(c *Case) { c.PostsLast24h = 100 }), refused, retry, medium, "rate"},
		"over the policy's posts":    {with(proposal(nil), func(c *Case) { c.Policy.MaxPostsPerDay = 2; c.PostsLast24h = 2 }), refused, retry, medium, "rate"},
		"policy cannot raise":        {with(proposal(nil), func(c *Case) { c.Policy.MaxPostsPerDay = 1000; c.PostsLast24h = 100 }), refused, retry, medium, "rate"},
		"over budget":                {with(draft("Bees."), func(c *Case) { c.SpentMicros = 99; c.Result.Usage.CostMicros = 2; c.Task.Resources.MaxCostMicros = 9 }), human, none, medium, "budget"},
		"over the task's cost":       {with(draft("Bees."), func(c *Case) { c.Result.Usage.CostMicros = 2 }), human, none, medium, "budget"},
		"within budget":              {with(draft("Bees."), func(c *Case) { c.Result.Usage.CostMicros = 2; c.Task.Resources.MaxCostMicros = 2 }), approved, none, low, ""},

		"draft":                      {draft("Bees are back."), approved, none, low, ""},
		"draft of 284":               {draft(strings.Repeat("a", 284)), approved, none, low, ""},
		"draft without room":         {draft(strings.Repeat("a", 285)), refused, revise, medium, "limits"},
		"uncertain draft":            {with(draft("Bees."), func(c *Case) { c.Result.Confidence.Score = 0 }), human, none, medium, "confidence"},
		"uncertain, reviewed later":  {with(draft("Bees."), func(c *Case) { c.Result.Confidence.Score = 0; c.ReviewedLater = true }), approved, none, low, ""},
		"banned, reviewed later":     {with(draft("miracle"), func(c *Case) { c.ReviewedLater = true }), refused, revise, medium, "banned_terms"},
		"partial draft":              {with(draft("Bees."), func(c *Case) { c.Result.Status = busv1.ResultStatus_RESULT_STATUS_PARTIAL }), human, none, medium, "partial"},
		"later is not for proposals": {with(proposal(nil), func(c *Case) { c.ReviewedLater = true; c.Result.Confidence.Score = 0 }), human, none, medium, "confidence"},

		"breaks its schema":    {with(draft("Bees."), func(c *Case) { c.OutputSchema = json.RawMessage(`{"type":"object","required":["poem"]}`) }), refused, retry, medium, "schema"},
		"schema, last attempt": {with(draft("Bees."), func(c *Case) { c.OutputSchema = json.RawMessage(`{"type":"array"}`); c.Attempt = 3 }), refused, fail, medium, "schema"},
		"matches its schema":   {with(draft("Bees."), func(c *Case) { c.OutputSchema = json.RawMessage(`{"type":"object","required":["text"]}`) }), approved, none, low, ""},
		"schema is no schema":  {with(draft("Bees."), func(c *Case) { c.OutputSchema = json.RawMessage(`{"type":7}`) }), refused, retry, medium, "schema"},
		"output is no JSON":    {with(draft("Bees."), func(c *Case) { c.Result.OutputJson = []byte(`{"text":`) }), refused, retry, medium, "schema"},
		"criterion unmet":      {with(draft(" "), func(c *Case) { c.Accept = []accept.Rule{{Path: "text", MinLength: &one}}; c.Platform = "mastodon" }), refused, retry, medium, "acceptance"},
		"not there yet":        {with(read(`{"found":false}`), func(c *Case) { c.Accept = []accept.Rule{{Path: "found", Equals: true, Retry: true}} }), refused, retry, medium, "acceptance"},
		"not there at all":     {with(read(`{"found":false}`), func(c *Case) { c.Accept = []accept.Rule{{Path: "found", Equals: true}} }), refused, fail, medium, "acceptance"},
		"read":                 {read(`{"found":true}`), approved, none, low, ""},

		"failed, may be tried again": {failure(read(""), typev1.Reason_REASON_UNAVAILABLE, true), refused, retry, medium, "outcome"},
		"failed, last attempt":       {with(failure(read(""), typev1.Reason_REASON_UNAVAILABLE, true), func(c *Case) { c.Attempt = 3 }), refused, fail, medium, "outcome"},
		"failed for good":            {failure(read(""), typev1.Reason_REASON_TOOL_FAILED, false), refused, fail, medium, "outcome"},
		"hopeless, whatever is said": {failure(read(""), typev1.Reason_REASON_GRANT_MISMATCH, true), refused, fail, medium, "outcome"},
		"held, whatever is said":     {failure(read(""), typev1.Reason_REASON_CANCELLED, false), refused, retry, medium, "outcome"},
		"stopped, last attempt":      {with(failure(read(""), typev1.Reason_REASON_STOPPED, false), func(c *Case) { c.Attempt = 3 }), refused, holdIt, medium, "outcome"},
		"proposal failed":            {failure(proposal(nil), typev1.Reason_REASON_TIMEOUT, true), refused, retry, medium, "outcome"},
		"no status":                  {with(read("{}"), func(c *Case) { c.Result.Status = 0 }), refused, fail, medium, "outcome"},

		"executed":                 {execution(busv1.EffectOutcome_EFFECT_OUTCOME_DONE), approved, none, low, ""},
		"executed, uncertain":      {with(execution(busv1.EffectOutcome_EFFECT_OUTCOME_DONE), func(c *Case) { c.Result.Confidence.Score = 0; c.Policy = nil }), approved, none, low, ""},
		"done without its address": {with(execution(busv1.EffectOutcome_EFFECT_OUTCOME_DONE), func(c *Case) { c.Result.OutputJson = []byte(`{}`) }), refused, reconcile, medium, "acceptance"},
		"done, garbled":            {with(execution(busv1.EffectOutcome_EFFECT_OUTCOME_DONE), func(c *Case) { c.Result.OutputJson = nil }), refused, reconcile, medium, "schema"},
		"unknown":                  {failure(execution(busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN), typev1.Reason_REASON_TIMEOUT, true), refused, reconcile, medium, "outcome"},
		"nothing said":             {failure(execution(0), typev1.Reason_REASON_UNAVAILABLE, true), refused, reconcile, medium, "outcome"},
		"contradiction":            {execution(busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE), refused, reconcile, medium, "outcome"},
		"not done, unknown why":    {failure(execution(busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE), typev1.Reason_REASON_OUTCOME_UNKNOWN, true), refused, reconcile, medium, "outcome"},
		"not done, again":          {failure(execution(busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE), typev1.Reason_REASON_RATE_LIMITED, true), refused, retry, medium, "outcome"},
		"not done, last attempt":   {with(failure(execution(busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE), typev1.Reason_REASON_UNAVAILABLE, true), func(c *Case) { c.Attempt = 3 }), refused, retry, medium, "outcome"},
		"not done, nine times":     {with(failure(execution(busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE), typev1.Reason_REASON_UNAVAILABLE, true), func(c *Case) { c.Attempt = 9 }), refused, fail, medium, "outcome"},
		"not done, for good":       {failure(execution(busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE), typev1.Reason_REASON_CREDENTIAL_DEAD, true), refused, fail, medium, "outcome"},
		"not done, not again":      {failure(execution(busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE), typev1.Reason_REASON_RATE_LIMITED, false), refused, fail, medium, "outcome"},

		"R10.5 publishing as a read":  {with(read("{}"), func(c *Case) { c.Task.Spec.Tool = "publisher.publish" }), refused, fail, high, "route"},
		"R10.5 effect that just ran":  {with(proposal(nil), func(c *Case) { c.Task.Spec.Mode = busv1.TaskMode_TASK_MODE_RUN }), refused, fail, high, "route"},
		"R10.5 dry run with effect":   {with(proposal(nil), func(c *Case) { c.Result.Outcome = busv1.EffectOutcome_EFFECT_OUTCOME_DONE }), refused, fail, high, "route"},
		"R10.5 read with an effect":   {with(read("{}"), func(c *Case) { c.Result.Outcome = busv1.EffectOutcome_EFFECT_OUTCOME_DONE }), refused, fail, high, "route"},
		"R10.5 no route at all":       {with(read("{}"), func(c *Case) { c.Task.Spec = nil }), refused, fail, high, "route"},
		"R10.5 retry of a stray step": {with(failure(read(""), typev1.Reason_REASON_TIMEOUT, true), func(c *Case) { c.Task.Spec.Tool = "publisher.delete" }), refused, fail, high, "route"},
	} {
		t.Run(name, func(t *testing.T) {
			v := Judge(c.of)
			d := v.Decision
			require.Equal(t, c.verdict.String(), d.GetVerdict().String(), v.Reason)
			require.Equal(t, c.disposition.String(), d.GetDisposition().String(), v.Reason)
			require.Equal(t, c.risk.String(), v.Risk.String(), v.Reason)
			if c.failed == "" {
				require.Contains(t, v.Reason, "passed")
			} else {
				failed := map[string]bool{}
				for _, x := range d.GetChecks() {
					failed[x.GetName()] = failed[x.GetName()] || !x.GetPassed()
				}
				require.True(t, failed[c.failed], v.Reason)
			}
			require.NoError(t, protovalidate.Validate(d))
			require.Equal(t, c.verdict == approved, d.GetAuthorisation() != nil)
			require.Equal(t, c.disposition == retry || c.disposition == holdIt, d.GetRetryAfter() != nil)
			require.Equal(t, c.disposition == revise, d.GetRemarks() != "")
			require.Equal(t, c.verdict == human && c.of.Task.GetSpec().GetMode() == busv1.TaskMode_TASK_MODE_PROPOSE, v.PayloadSHA256 != "")
			require.True(t, proto.Equal(d, Judge(c.of).Decision), "the same case gets the same verdict")
		})
	}
}

func read(output string) Case {
	c := draft("")
	c.Task.Spec.Kind, c.Task.Spec.Tool = busv1.TaskKind_TASK_KIND_READ, "publisher.read"
	c.Result.OutputJson = []byte(output)
	return c
}

func TestProposalIsShownAsItWouldBeGranted(t *testing.T) {
	v := Judge(proposal(nil))
	want, err := grant.PayloadSHA256(payload(nil))
	require.NoError(t, err)
	require.Equal(t, want, v.PayloadSHA256)
	require.JSONEq(t, string(payload(nil)), string(v.PayloadJSON))
	require.Equal(t, goodText, v.Excerpt)
}

func TestReasonNamesRuleThresholdAndValue(t *testing.T) {
	v := Judge(with(proposal(nil), func(c *Case) { c.Result.Confidence = &busv1.Confidence{Score: 0.4, Basis: "template"} }))
	require.Equal(t, "The confidence is too low to pass without a person (rule: below the policy's confidence threshold a person decides; threshold: 0.70; value: 0.40 (template)), and 1 more.", v.Reason)
	require.Equal(t, "confidence", v.Decision.GetChecks()[0].GetName(), "the gravest stands first")
}

func TestRateIsLookedAtAgainAfterAnHour(t *testing.T) {
	d := Judge(with(proposal(nil), func(c *Case) { c.PostsLast24h = 100 })).Decision
	require.Equal(t, time.Hour, d.GetRetryAfter().AsDuration(), "the 24 h window slides; seconds do not help")
}

func TestBackoff(t *testing.T) {
	wait := func(attempt int32, asked time.Duration, task string) time.Duration {
		c := failure(read(""), typev1.Reason_REASON_RATE_LIMITED, true)
		c.Attempt, c.MaxAttempts, c.Task.Id = attempt, 100, task
		if asked > 0 {
			c.Result.Error.RetryAfter = durationpb.New(asked)
		}
		return Judge(c).Decision.GetRetryAfter().AsDuration()
	}
	for attempt := int32(1); attempt <= 40; attempt++ {
		full := min(time.Second<<min(attempt-1, 20), 5*time.Minute)
		got := wait(attempt, 0, id)
		require.LessOrEqual(t, got, full)
		require.Greater(t, got, full/2)
	}
	require.NotEqual(t, wait(5, 0, id), wait(5, 0, account), "tasks that failed together come back apart")
	require.Equal(t, 90*time.Second, wait(1, 90*time.Second, id), "the platform's wish is kept")
	require.Equal(t, time.Hour, wait(1, 100*time.Hour, id), "within reason")
}
