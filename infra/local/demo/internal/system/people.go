// Package system is what the demo runs: the people who may log in, the tenants, and every process with its
// environment, in the order they stand on each other.
package system

import (
	"strings"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/oidc"
)

// CLIClient is the OIDC client of command-line programs.
const CLIClient = "chimera-cli"

// PlatformClient is the OIDC client of the Platform's web server.
const PlatformClient = "chimera-platform"

// Person may log in; Roles are by tenant slug.
type Person struct {
	Username, Name string
	Roles          map[string]string
}

// People hold every role in one tenant, and show with "both" that one person may stand in two.
var People = []Person{
	{"operator", "Olive Operator", map[string]string{"aurora": "operator"}},
	{"reviewer", "Rufus Reviewer", map[string]string{"aurora": "reviewer"}},
	{"admin", "Ada Admin", map[string]string{"aurora": "admin"}},
	{"viewer", "Vito Viewer", map[string]string{"aurora": "viewer"}},
	{"borealis-operator", "Oscar Operator", map[string]string{"borealis": "operator"}},
	{"borealis-reviewer", "Rita Reviewer", map[string]string{"borealis": "reviewer"}},
	{"borealis-admin", "Alma Admin", map[string]string{"borealis": "admin"}},
	{"both", "Bo Both", map[string]string{"aurora": "reviewer", "borealis": "operator"}},
}

func (p Person) subject() string { return "demo-" + p.Username }
func (p Person) email() string   { return p.Username + "@chimera.example" }

// PasswordName is the name of a person's password among the secrets.
func PasswordName(username string) string { return "password." + username }

func clientSecretName(client string) string { return "client." + client }

// writeIdentities writes the two files that the OIDC provider reads. platformURLs are where browsers reach a Platform.
func writeIdentities(f folder.Folder, s *folder.Secrets, platformURLs ...string) error {
	var users []oidc.User
	for _, p := range People {
		hash, err := oidc.HashPassword(s.Get(PasswordName(p.Username)))
		if err != nil {
			return err
		}
		users = append(users, oidc.User{Username: p.Username, Sub: p.subject(), Email: p.email(), Name: p.Name, PasswordHash: hash})
	}
	clients := []oidc.Client{oidc.NativeClient(CLIClient, "Chimera command line"), platformClient(platformURLs, s)}
	for _, id := range serviceClients() {
		clients = append(clients, oidc.ServiceClient(id, s.Get(clientSecretName(id))))
	}
	if err := f.WriteJSON("identities/users.json", users); err != nil {
		return err
	}
	return f.WriteJSON("identities/clients.json", clients)
}

func serviceClients() []string {
	ids := []string{workerClient}
	for _, skill := range skills {
		ids = append(ids, skillClient(skill))
	}
	return ids
}

// Usernames lists who may log in.
func Usernames() string {
	names := make([]string, 0, len(People))
	for _, p := range People {
		names = append(names, p.Username)
	}
	return strings.Join(names, ", ")
}
