package judge

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
)

const holdIt = busv1.Disposition_DISPOSITION_HOLD

// Decision 0069: whatever its attempts, a task without an effect waits for its skill, ever more seldom, and then no more.
func TestAbsentSkillIsWaitedForAndNotForEver(t *testing.T) {
	for name, of := range map[string]Case{"draft": draft("x"), "proposal": proposal(nil)} {
		for _, reason := range []typev1.Reason{typev1.Reason_REASON_SKILL_AWAY, typev1.Reason_REASON_TOOL_UNKNOWN} {
			t.Run(name+" "+reason.String(), func(t *testing.T) {
				c := failure(of, reason, true)
				c.Attempt = c.MaxAttempts
				began := c.Now
				tries := 0
				for ; tries < 1000; tries++ {
					v := Judge(c)
					if v.Decision.GetDisposition() != holdIt {
						require.Equal(t, fail, v.Decision.GetDisposition())
						require.Contains(t, v.Reason, "start it")
						break
					}
					require.Equal(t, refused, v.Decision.GetVerdict())
					require.Contains(t, v.Reason, "reaches the skill")
					require.Contains(t, v.Reason, began.Add(patience).UTC().Format("15:04"))
					wait := v.Decision.GetRetryAfter().AsDuration()
					require.GreaterOrEqual(t, wait, 500*time.Millisecond)
					require.LessOrEqual(t, wait, holdMax)
					c.HeldSince, c.Now = &began, c.Now.Add(wait)
				}
				require.Less(t, tries, 200, "tries cost an audit entry each")
				require.Greater(t, tries, 60)
				require.GreaterOrEqual(t, c.Now.Sub(began), patience)
			})
		}
	}
}

// Nothing that executes is held: its attempts count, and an unclear outcome is read back.
func TestExecutionsAreNotHeld(t *testing.T) {
	for outcome, want := range map[busv1.EffectOutcome]busv1.Disposition{
		busv1.EffectOutcome_EFFECT_OUTCOME_NOT_DONE: retry, busv1.EffectOutcome_EFFECT_OUTCOME_UNKNOWN: reconcile, busv1.EffectOutcome_EFFECT_OUTCOME_UNSPECIFIED: reconcile,
	} {
		c := failure(execution(outcome), typev1.Reason_REASON_SKILL_AWAY, true)
		require.Equal(t, want, Judge(c).Decision.GetDisposition(), outcome)
	}
}
