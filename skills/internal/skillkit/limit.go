package skillkit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// limits holds one token bucket per configured tool or tool@platform, and one per tool that falls under
// "*". Its size is bounded by the configuration and the registered tools, not by what callers send.
type limits struct {
	rules   map[string]rule
	buckets map[string]*rate.Limiter
}

type rule struct {
	limit rate.Limit
	burst int
}

// parseLimits reads "publish@bluesky=1/s:3,publish=2/s:5,*=20/s:40".
func parseLimits(spec string) (*limits, error) {
	l := &limits{rules: map[string]rule{}, buckets: map[string]*rate.Limiter{}}
	for part := range strings.SplitSeq(spec, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		r, err := parseRule(value)
		if !ok || name == "" || err != nil {
			return nil, fmt.Errorf("rate limit %q: want tool[@platform]=N/(s|m|h)[:burst]", part)
		}
		l.rules[name] = r
		if name != "*" {
			l.buckets[name] = rate.NewLimiter(r.limit, r.burst)
		}
	}
	return l, nil
}

func parseRule(s string) (rule, error) {
	s, burstText, hasBurst := strings.Cut(s, ":")
	countText, unit, _ := strings.Cut(s, "/")
	count, err := strconv.ParseFloat(countText, 64)
	per := map[string]float64{"s": 1, "m": 60, "h": 3600}[unit]
	if err != nil || !(count > 0) || count > 1e6 || per == 0 {
		return rule{}, strconv.ErrSyntax
	}
	burst := max(1, int(count))
	if hasBurst {
		if burst, err = strconv.Atoi(burstText); err != nil || burst < 1 {
			return rule{}, strconv.ErrSyntax
		}
	}
	return rule{rate.Limit(count / per), burst}, nil
}

// prepare makes the bucket of a tool that falls under "*". Called at registration.
func (l *limits) prepare(tool string) {
	if r, ok := l.rules["*"]; ok && l.buckets[tool] == nil {
		l.buckets[tool] = rate.NewLimiter(r.limit, r.burst)
	}
}

// take takes one token from every bucket that applies, or none and says how long to wait.
func (l *limits) take(tool, platform string, now time.Time) (wait time.Duration) {
	var taken []*rate.Reservation
	for _, name := range []string{tool, tool + "@" + platform, "*@" + platform} {
		b := l.buckets[name]
		if b == nil {
			continue
		}
		r := b.ReserveN(now, 1)
		taken = append(taken, r)
		wait = max(wait, r.DelayFrom(now))
	}
	if wait > 0 {
		for _, r := range taken {
			r.CancelAt(now)
		}
	}
	return wait
}

// limit enforces the skill's own rates per tool and per platform (R8.3). It never waits: a sleeping call
// would hold its caller's lease.
func (s *Server) limit(next handler) handler {
	return func(ctx context.Context, inv *invocation) error {
		platform := ""
		if inv.entry.Platform != nil {
			platform = inv.entry.Platform(inv.args)
		}
		if wait := s.limits.take(inv.entry.Name, platform, s.now()); wait > 0 {
			return errs.New(errs.Throttled, typev1.Reason_REASON_RATE_LIMITED, "the skill's rate limit for this tool is used up; try again later").
				With("tool", s.name+"."+inv.entry.Name).After(wait)
		}
		return next(ctx, inv)
	}
}
