package store

import "context"

// AccountIDsOf answers the accounts of several campaigns, each in its order.
func (t *Tx) AccountIDsOf(ctx context.Context, campaignIDs []string) (map[string][]string, error) {
	rows, err := many[struct {
		CampaignID string `db:"campaign_id"`
		AccountID  string `db:"account_id"`
	}](ctx, t, "select campaign_id, account_id from campaign_accounts where tenant_id = $1 and campaign_id = any($2::uuid[]) order by campaign_id, position", t.tenant(), campaignIDs)
	byCampaign := make(map[string][]string, len(campaignIDs))
	for _, r := range rows {
		byCampaign[r.CampaignID] = append(byCampaign[r.CampaignID], r.AccountID)
	}
	return byCampaign, err
}
