package judge

import (
	"fmt"
)

// confidence sends what is uncertain to a person whatever else holds (R10.1). The lowest confidence among
// the result and its inputs counts. After an effect is done there is nothing left to doubt.
func confidence(f *facts) []finding {
	if f.executes() {
		return nil
	}
	const rule = "below the policy's confidence threshold a person decides"
	score, basis := f.Result.GetConfidence().GetScore(), f.Result.GetConfidence().GetBasis()
	if in := f.InputConfidence; in != nil && in.GetScore() < score {
		score, basis = in.GetScore(), "an input: "+in.GetBasis()
	}
	threshold := f.Policy.GetConfidenceThreshold()
	want, have := fmt.Sprintf("%.2f", threshold), fmt.Sprintf("%.2f (%s)", score, basis)
	// Written so that NaN, which compares false with everything, does not pass.
	if f.Policy != nil && score >= threshold {
		return []finding{passed("confidence", rule, want, have, "the confidence is high enough")}
	}
	if f.Policy == nil {
		want = "a policy in force"
	}
	return f.doubt(escalated("confidence", rule, want, have, "the confidence is too low to pass without a person"))
}
