package system

import (
	"github.com/google/uuid"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/sandbox"
)

// MainTenant is where `smoke` works.
const MainTenant = "aurora"

// AgentName, CampaignName and Playbook are the same in both tenants: only the tenant tells them apart.
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

func accountSecretName(platform, slug string) string { return "account." + platform + "." + slug }

func blueskyHandle(slug string) string { return slug + ".test" }

// sandboxAccounts are the logins on the sandbox platforms that the tenants' accounts use.
func sandboxAccounts(s *folder.Secrets) []sandbox.Account {
	var accounts []sandbox.Account
	for _, t := range tenants {
		accounts = append(accounts,
			sandbox.Account{Platform: "bluesky", Handle: blueskyHandle(t.slug), Password: s.Get(accountSecretName("bluesky", t.slug)), DisplayName: t.name, Bot: true},
			sandbox.Account{Platform: "mastodon", Handle: t.slug, Token: s.Get(accountSecretName("mastodon", t.slug)), DisplayName: t.name, Bot: true})
	}
	return accounts
}

type object = map[string]any

// seed is the document for `orchestrator seed`.
func seed(s *folder.Secrets, sandboxURL string) object {
	var all []object
	for _, t := range tenants {
		var members []object
		for _, p := range People {
			if role, ok := p.Roles[t.slug]; ok {
				members = append(members, object{"subject": p.subject(), "email": p.email(), "name": p.Name, "role": role})
			}
		}
		all = append(all, object{"id": TenantID(t.slug), "slug": t.slug, "name": t.name, "members": members, "agents": []object{{
			"name":    AgentName,
			"persona": persona,
			"accounts": []object{
				{"platform": "bluesky", "handle": blueskyHandle(t.slug), "base_url": sandboxURL, "secret": s.Get(accountSecretName("bluesky", t.slug))},
				{"platform": "mastodon", "handle": t.slug, "base_url": sandboxURL, "secret": s.Get(accountSecretName("mastodon", t.slug))},
			},
			"campaigns": []object{{
				"name": CampaignName, "goal": "Help people make better coffee at home: one useful tip from this week's reading.", "playbook": Playbook,
				"parameters": Parameters(sandboxURL), "accounts": []string{blueskyHandle(t.slug), t.slug},
			}},
		}}})
	}
	return object{"tenants": all}
}

var persona = object{
	"voice":    "Warm, plain and curious. Short sentences. Says what to try, and why it works.",
	"audience": "People who make coffee at home and like to get a little better at it.",
	"topics":   []string{"coffee", "brewing", "grinders"},
	"never":    []string{"miracle", "guaranteed"},
	"language": "en",
	"hashtags": []string{"coffee", "homebrew"},
}

// Parameters of a demo campaign, as protojson: the feed is the sandbox's RSS document.
func Parameters(sandboxURL string) map[string]any {
	return map[string]any{"feeds": []string{sandboxURL + "/feeds/home-coffee.xml"}, "slot": "3600s", "metrics_after": "3s"}
}
