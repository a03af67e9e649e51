package system

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/sandbox"
	"chimera/services/kit/grant"
)

// Places are the addresses that compose.yaml gives the containers.
type Places struct {
	Sandbox string // http://sandbox.localhost:PORT, the same inside and outside
	Listen  string // of the sandbox in its container
	// Platform is where browsers reach it.
	Platform string
}

// ContainerSecrets writes one file per secret of compose.yaml into the folder `secrets`, and keeps those that are
// there. The folder is its owner's alone, which is what keeps others out: the files must be readable, because
// each is mounted into a container that runs as another user.
func ContainerSecrets(f folder.Folder, at Places) error {
	s, err := f.Secrets()
	if err != nil {
		return err
	}
	if err := s.Make(slices.Concat(secretNames(), platformSecrets, []string{"database.owner", "weaviate", "grafana"})...); err != nil {
		return err
	}
	if err := os.MkdirAll(f.Path("secrets"), 0o700); err != nil {
		return fmt.Errorf("secrets: %w", err)
	}
	if err := os.Chmod(f.Path("secrets"), 0o700); err != nil {
		return fmt.Errorf("secrets: %w", err)
	}
	if err := grantKeys(f); err != nil {
		return err
	}
	texts := map[string]string{
		"postgres_password":   s.Get("database.owner"),
		"owner_database_url":  containerDatabase("postgres", s.Get("database.owner")),
		"app_password":        s.Get("database.app"),
		"system_password":     s.Get("database.system"),
		"database_url":        containerDatabase("chimera_app", s.Get("database.app")),
		"system_database_url": containerDatabase("chimera_system", s.Get("database.system")),
		"redis.conf":          "requirepass " + s.Get("redis"),
		"redis_password":      s.Get("redis"),
		"redis_url":           (&url.URL{Scheme: "redis", User: url.UserPassword("default", s.Get("redis")), Host: "redis:6379", Path: "/0"}).String(),
		"weaviate_api_key":    s.Get("weaviate"),
		"grafana_password":    s.Get("grafana"),

		"platform_client_secret":  s.Get(clientSecretName(PlatformClient)),
		"platform_session_secret": s.Get(platformSession+".1") + "-" + s.Get(platformSession+".2"),
	}
	for _, id := range serviceClients() {
		name := strings.TrimPrefix(strings.TrimPrefix(id, "chimera-skill-"), "chimera-")
		texts[name+"_client_secret"] = s.Get(clientSecretName(id))
	}
	for name, text := range texts {
		if err := mountable(f, name, []byte(text+"\n")); err != nil {
			return err
		}
	}
	return containerDocuments(f, s, at)
}

// containerDocuments writes the files that are more than a secret: who may log in, what is seeded.
func containerDocuments(f folder.Folder, s *folder.Secrets, at Places) error {
	if err := writeIdentities(f, s, at.Platform); err != nil {
		return err
	}
	if err := f.WriteJSON("seed.json", seed(s, at.Sandbox, true)); err != nil {
		return err
	}
	err := f.WriteJSON("sandbox.json", sandbox.Config{
		Listen: at.Listen, InContainer: true, PublicURL: at.Sandbox, DataDir: "/var/lib/chimera",
		ControlToken: s.Get("sandbox.control"), Accounts: sandboxAccounts(s),
	})
	if err != nil {
		return err
	}
	for name, from := range map[string]string{
		"users.json": "identities/users.json", "clients.json": "identities/clients.json", "seed.json": "seed.json", "sandbox.json": "sandbox.json",
	} {
		body, err := os.ReadFile(f.Path(from))
		if err != nil {
			return err
		}
		if err := mountable(f, name, body); err != nil {
			return err
		}
	}
	return nil
}

// grantKeys makes the signing seed once: grants that are out were signed with it.
func grantKeys(f folder.Folder) error {
	raw, err := os.ReadFile(f.Path("secrets", "grant.seed"))
	if errors.Is(err, fs.ErrNotExist) {
		seed := make([]byte, 32)
		_, _ = rand.Read(seed)
		raw = []byte(base64.StdEncoding.EncodeToString(seed) + "\n")
		err = mountable(f, "grant.seed", raw)
	}
	if err != nil {
		return err
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil {
		return fmt.Errorf("%s is damaged: %w", f.Path("secrets", "grant.seed"), err)
	}
	signer, err := grant.NewSigner(seed)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path("secrets", "grant.seed"), err)
	}
	return mountable(f, "grant_public_key", []byte(base64.StdEncoding.EncodeToString(signer.Public())+"\n"))
}

func mountable(f folder.Folder, name string, body []byte) error {
	path := f.Path("secrets", name)
	// A file that is mounted is mounted by its inode: one with the same text must stay.
	if old, err := os.ReadFile(path); err == nil && string(old) == string(body) {
		return nil
	}
	if err := f.Write("secrets/"+name, body); err != nil {
		return err
	}
	return os.Chmod(path, 0o444)
}

func containerDatabase(user, password string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Host: "postgres:5432", Path: "/" + databaseName, RawQuery: "sslmode=disable"}
	return u.String()
}
