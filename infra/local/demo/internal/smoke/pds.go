package smoke

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	platformv1 "chimera/gen/go/chimera/platform/v1"
)

// PDSAccount is a login on a real AT Protocol server.
type PDSAccount struct{ URL, Handle, Password string }

// PDS connects the account through the API, as the tenant's admin, and runs a campaign of its own onto it.
// parameters is protojson of platform.v1.CampaignParameters.
func PDS(account PDSAccount, agent, playbook string, parameters []byte) Target {
	return Target{Name: "a real AT Protocol PDS", Campaign: func(ctx context.Context, u Users) (*platformv1.Campaign, error) {
		var p platformv1.CampaignParameters
		if err := protojson.Unmarshal(parameters, &p); err != nil {
			return nil, err
		}
		agentID, err := findAgent(ctx, u.Operator, agent)
		if err != nil {
			return nil, err
		}
		accountID, err := connectAccount(ctx, u.Admin, agentID, account)
		if err != nil {
			return nil, err
		}
		// A campaign a run, so that runs do not wait for each other.
		name := "PDS " + time.Now().UTC().Format(time.RFC3339Nano)
		made, err := u.Operator.campaigns.CreateCampaign(ctx, &platformv1.CreateCampaignRequest{
			AgentId: agentID, AccountIds: []string{accountID}, Name: name,
			Goal: "One useful coffee tip for people who brew at home.", Playbook: playbook, Parameters: &p, IdempotencyKey: name,
		})
		return made.GetCampaign(), err
	}}
}

func findAgent(ctx context.Context, s *session, name string) (string, error) {
	list, err := s.agents.ListAgents(ctx, &platformv1.ListAgentsRequest{PageSize: 200})
	if err != nil {
		return "", err
	}
	for _, a := range list.GetAgents() {
		if a.GetName() == name {
			return a.GetId(), nil
		}
	}
	return "", fmt.Errorf("the seeded agent %q is not there", name)
}

func connectAccount(ctx context.Context, admin *session, agentID string, account PDSAccount) (string, error) {
	list, err := admin.accounts.ListAccounts(ctx, &platformv1.ListAccountsRequest{AgentId: agentID, PageSize: 200})
	if err != nil {
		return "", err
	}
	for _, a := range list.GetAccounts() {
		if a.GetHandle() == account.Handle && a.GetBaseUrl() == account.URL {
			return a.GetId(), nil
		}
	}
	made, err := admin.accounts.ConnectAccount(ctx, &platformv1.ConnectAccountRequest{
		AgentId: agentID, Platform: "bluesky", Handle: account.Handle,
		BaseUrl: account.URL, Secret: account.Password, IdempotencyKey: "smoke-pds-" + account.Handle,
	})
	if err != nil {
		return "", errors.Join(errors.New("the admin cannot connect the account"), err)
	}
	return made.GetAccount().GetId(), nil
}
