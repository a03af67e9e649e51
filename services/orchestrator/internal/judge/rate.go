package judge

import (
	"fmt"
	"time"
)

// rateWait is when a proposal over the day's limit is looked at again: the 24 h window slides.
const rateWait = time.Hour

// rate keeps an account within its posts per day: the policy may lower the platform's rule, never raise it.
func rate(f *facts) []finding {
	if !f.proposes() || f.content == nil || !f.rulesKnown {
		return nil
	}
	const rule = "an account publishes at most so many posts in 24 h"
	limit := f.rules.PostsPerDay
	if own := int(f.Policy.GetMaxPostsPerDay()); own > 0 {
		limit = min(limit, own)
	}
	want, have := fmt.Sprintf("%d posts", limit), fmt.Sprintf("%d posts", f.PostsLast24h)
	if f.PostsLast24h < limit {
		return []finding{passed("rate", rule, want, have, "the account has room for a post")}
	}
	x := rejected(retryOrFail(f), "rate", rule, want, have, "the account has published enough for today")
	x.retryAfter = rateWait
	return []finding{x}
}
