package system

import (
	"strings"

	"github.com/google/uuid"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/sandbox"
)

// MainTenant is where `smoke` works.
const MainTenant = "aurora"

// AgentName, CampaignName and Playbook are what `smoke` works with, and the same in both tenants: only the tenant
// tells them apart.
const (
	AgentName    = "North Star"
	CampaignName = "Home coffee, told plainly"
	Playbook     = "trend-post"
)

// tenants of the demo. The ids follow from the slugs, so that a demo built anew has the same ones.
var tenants = []struct{ slug, name string }{{MainTenant, "Aurora Media"}, {"borealis", "Borealis Collective"}}

// TenantID is the id of the tenant with this slug.
func TenantID(slug string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://chimera.example/demo/tenants/"+slug)).String()
}

func accountSecretName(platform, name string) string { return "account." + platform + "." + name }

func blueskyHandle(name string) string { return name + ".test" }

func mastodonHandle(name string) string { return strings.ReplaceAll(name, "-", "_") }

// sandboxAccounts are the logins on the sandbox platforms that the tenants' accounts use.
func sandboxAccounts(s *folder.Secrets) []sandbox.Account {
	var accounts []sandbox.Account
	for _, t := range tenants {
		for _, a := range agents {
			name := t.slug + a.suffix
			accounts = append(accounts,
				sandbox.Account{Platform: "bluesky", Handle: blueskyHandle(name), Password: s.Get(accountSecretName("bluesky", name)), DisplayName: a.name, Bot: true},
				sandbox.Account{Platform: "mastodon", Handle: mastodonHandle(name), Token: s.Get(accountSecretName("mastodon", name)), DisplayName: a.name, Bot: true})
		}
	}
	return accounts
}
