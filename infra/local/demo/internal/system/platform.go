package system

import (
	"path/filepath"
	"strings"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/oidc"
)

const platformSession = "platform.session"

// platformSecrets are the Platform's: its login at the provider, and what seals its cookie, in two parts because one
// is shorter than the 32 characters that it wants.
var platformSecrets = []string{clientSecretName(PlatformClient), platformSession + ".1", platformSession + ".2"}

func platformClient(url string, s *folder.Secrets) oidc.Client {
	return oidc.WebClient(PlatformClient, "Chimera", s.Get(clientSecretName(PlatformClient)),
		[]string{url + "/api/auth/callback"}, []string{url + "/login?problem=signed-out"})
}

// platform is the environment of the Platform, which the demo does not start: its first build takes a person's time.
func (p *plan) platform() environment {
	return environment{
		"CHIMERA_OIDC_ISSUER":            p.issuer,
		"CHIMERA_PLATFORM_CLIENT_ID":     PlatformClient,
		"CHIMERA_PLATFORM_CLIENT_SECRET": p.secrets.Get(clientSecretName(PlatformClient)),
		"CHIMERA_PLATFORM_URL":           p.ports.URL("platform"),
		"CHIMERA_SESSION_SECRET":         p.secrets.Get(platformSession+".1") + "-" + p.secrets.Get(platformSession+".2"),
		"CHIMERA_API_URL":                p.ports.URL("orchestrator"),
		// The sandbox serves its images over plain http.
		"CHIMERA_IMAGE_SOURCES": "https: http://127.0.0.1:*",
	}
}

// writePlatform keeps the Platform's environment for `run platform`.
func (p *plan) writePlatform() error {
	return p.folder.Write(filepath.Join("env", "platform.env"), []byte(strings.Join(p.platform().list(), "\n")+"\n"))
}
