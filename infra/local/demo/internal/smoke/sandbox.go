package smoke

import (
	"context"
	"fmt"

	platformv1 "chimera/gen/go/chimera/platform/v1"
)

// Sandbox runs the seeded campaign onto the sandbox platforms.
func Sandbox(campaign string) Target {
	return Target{Name: "the sandbox platforms", Counts: true, Campaign: func(ctx context.Context, u Users) (*platformv1.Campaign, error) {
		list, err := u.Operator.campaigns.ListCampaigns(ctx, &platformv1.ListCampaignsRequest{PageSize: 200})
		if err != nil {
			return nil, err
		}
		for _, c := range list.GetCampaigns() {
			if c.GetName() == campaign {
				return c, nil
			}
		}
		return nil, fmt.Errorf("the seeded campaign %q is not there", campaign)
	}}
}
