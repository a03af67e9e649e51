package store

import (
	"context"
	"fmt"
	"time"
)

// This file sums up how a tenant does. All of it is read from what is open or from a day's end of an index, never
// from a backlog's length.

const (
	maxNearBudget = 20
	maxHeadroom   = 1000
	// maxVerdicts bounds the verdicts counted of a day.
	maxVerdicts = 200_000
)

// firstID is the smallest id that can have been minted at that time: ids are UUIDv7.
func firstID(at time.Time) string {
	ms := at.UnixMilli()
	return fmt.Sprintf("%08x-%04x-7000-8000-000000000000", ms>>16, ms&0xffff)
}

// BudgetUse is a campaign's costs against its budget.
type BudgetUse struct {
	ID           string `db:"id"`
	Name         string `db:"name"`
	SpentMicros  int64  `db:"spent_micros"`
	BudgetMicros int64  `db:"budget_micros"`
}

// NearBudget answers running campaigns that have spent 80 % of their budget, the closest to it first; at most 20.
func (t *Tx) NearBudget(ctx context.Context) ([]BudgetUse, error) {
	return many[BudgetUse](ctx, t, `select id, name, spent_micros, budget_micros from campaigns
		where tenant_id = $1 and state in ('running', 'paused') and budget_micros > 0 and spent_micros >= budget_micros * 0.8
		order by spent_micros::float8 / budget_micros desc, id limit $2`, t.tenant(), maxNearBudget)
}

// DeadAccounts counts accounts whose platform refuses their secret.
func (t *Tx) DeadAccounts(ctx context.Context) (int, error) {
	return scalar[int](ctx, t, "select count(*)::int from accounts where tenant_id = $1 and health = 'credential_dead'", t.tenant())
}

// EffectCounts counts the last day's settled effects and the ones nobody knows now.
type EffectCounts struct {
	Done    int64 `db:"done"`
	NotDone int64 `db:"not_done"`
	Unknown int64 `db:"unknown"`
}

// EffectsLastDay counts outcomes.
func (t *Tx) EffectsLastDay(ctx context.Context) (EffectCounts, error) {
	return one[EffectCounts](ctx, t, `select count(*) filter (where state = 'confirmed') as done, count(*) filter (where state = 'failed') as not_done,
		(select count(*) from effects where tenant_id = $1 and state in ('unknown', 'parked')) as unknown
		from effects where tenant_id = $1 and settled_at is not null and settled_at > now() - interval '24 hours'`, t.tenant())
}

// JudgeLastDay counts the Judge's verdicts of the last day by verdict; of more than 200,000 the oldest.
func (t *Tx) JudgeLastDay(ctx context.Context) (map[string]int64, error) {
	rows, err := many[struct {
		Verdict string `db:"verdict"`
		N       int64  `db:"n"`
	}](ctx, t, `select verdict, count(*) as n from (select verdict from decisions where tenant_id = $1 and id >= $2::uuid and decider = 'judge' order by id limit $3) day group by verdict`,
		t.tenant(), firstID(t.Now().Add(-24*time.Hour)), maxVerdicts)
	counts := make(map[string]int64, len(rows))
	for _, r := range rows {
		counts[r.Verdict] = r.N
	}
	return counts, err
}

// AccountUse is how much an account has published within 24 hours.
type AccountUse struct {
	ID       string `db:"id"`
	Handle   string `db:"handle"`
	Platform string `db:"platform"`
	Used     int32  `db:"used"`
}

// AccountUses counts by the same rule as the Judge's limit: what is out, and what may be.
func (t *Tx) AccountUses(ctx context.Context, tool string) ([]AccountUse, error) {
	return many[AccountUse](ctx, t, `with used as (
			select account_id, count(*) as n from effects where tenant_id = $1 and tool = $2 and state = 'confirmed' and settled_at is not null and settled_at > now() - interval '24 hours' group by account_id
			union all select account_id, count(*) from effects where tenant_id = $1 and tool = $2 and state in ('sending', 'unknown', 'parked') group by account_id)
		select a.id, a.handle, a.platform, coalesce(sum(u.n), 0)::int as used from accounts a left join used u on u.account_id = a.id
		where a.tenant_id = $1 and a.health <> 'disabled' group by a.id, a.handle, a.platform order by used desc, a.id limit $3`, t.tenant(), tool, maxHeadroom)
}

// SpendingLastMonth sums up the costs of thirty days (UTC) and the budgets of the campaigns that ran in them.
func (t *Tx) SpendingLastMonth(ctx context.Context) (BudgetUse, error) {
	return one[BudgetUse](ctx, t, `select '' as id, '' as name,
		(select coalesce(sum(micros), 0)::bigint from spend_days where tenant_id = $1 and day > (now() at time zone 'UTC')::date - 30) as spent_micros,
		(select coalesce(sum(budget_micros), 0)::bigint from campaigns where tenant_id = $1 and plan_version > 0
			and (state in ('running', 'paused') or updated_at > now() - interval '30 days')) as budget_micros`, t.tenant())
}
