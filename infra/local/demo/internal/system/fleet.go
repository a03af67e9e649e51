package system

import (
	"chimera/infra/local/demo/internal/folder"
)

type object = map[string]any

// campaign is one of the demo's; started ones are at work when a person first looks.
type campaign struct {
	name, goal, feed string
	slot             string // how long a proposal stays worth publishing
	start            bool
}

// agents are each tenant's; suffix tells their accounts apart.
var agents = []struct {
	name, suffix string
	persona      object
	campaigns    []campaign
}{
	{AgentName, "", object{
		"voice":    "Warm, plain and curious. Short sentences. Says what to try, and why it works.",
		"audience": "People who make coffee at home and like to get a little better at it.",
		"topics":   []string{"coffee", "brewing", "grinders"},
		"never":    []string{"miracle", "guaranteed"},
		"language": "en",
		"hashtags": []string{"coffee", "homebrew"},
	}, []campaign{
		{CampaignName, "Help people make better coffee at home: one useful tip from this week's reading.", "home-coffee", "3600s", false},
		{"Grinders, compared honestly", "Show what a better grinder changes in the cup, without selling one.", "home-coffee", "86400s", true},
	}},
	{"Ridge Line", "-trails", object{
		"voice":    "Dry, outdoorsy and exact. Measures before it praises. Never shouts.",
		"audience": "Trail runners who would rather mend their gear than replace it.",
		"topics":   []string{"trail running", "gear", "repair"},
		"never":    []string{"must-have", "game changer"},
		"language": "en",
		"hashtags": []string{"trailrunning", "repair"},
	}, []campaign{
		{"Gear that outlives its warranty", "Tell runners what lasts and how to mend it: one measured fact from this week's reading.", "trail-running", "86400s", true},
		{"Races without cups", "Get small races to drop paper cups.", "trail-running", "86400s", false},
	}},
}

// seed is the document for `orchestrator seed`.
func seed(s *folder.Secrets, sandboxURL string, started bool) object {
	var all []object
	for _, t := range tenants {
		var members []object
		for _, p := range People {
			if role, ok := p.Roles[t.slug]; ok {
				members = append(members, object{"subject": p.subject(), "email": p.email(), "name": p.Name, "role": role})
			}
		}
		var fleet []object
		for _, a := range agents {
			name := t.slug + a.suffix
			var campaigns []object
			for _, c := range a.campaigns {
				campaigns = append(campaigns, object{
					"name": c.name, "goal": c.goal, "playbook": Playbook, "start": c.start && started,
					"parameters": parameters(sandboxURL, c.feed, c.slot), "accounts": []string{blueskyHandle(name), mastodonHandle(name)},
				})
			}
			fleet = append(fleet, object{"name": a.name, "persona": a.persona, "campaigns": campaigns, "accounts": []object{
				{"platform": "bluesky", "handle": blueskyHandle(name), "base_url": sandboxURL, "secret": s.Get(accountSecretName("bluesky", name))},
				{"platform": "mastodon", "handle": mastodonHandle(name), "base_url": sandboxURL, "secret": s.Get(accountSecretName("mastodon", name))},
			}})
		}
		all = append(all, object{"id": TenantID(t.slug), "slug": t.slug, "name": t.name, "members": members, "agents": fleet})
	}
	return object{"tenants": all}
}

// Parameters of the campaign that `smoke` makes for itself, as protojson.
func Parameters(sandboxURL string) map[string]any {
	first := agents[0].campaigns[0]
	return parameters(sandboxURL, first.feed, first.slot)
}

// parameters read one of the sandbox's feeds. Nothing of the demo costs money until a model is given to it.
func parameters(sandboxURL, feed, slot string) map[string]any {
	return map[string]any{"feeds": []string{sandboxURL + "/feeds/" + feed + ".xml"}, "slot": slot, "metrics_after": "3s", "budget_micros": "5000000"}
}
