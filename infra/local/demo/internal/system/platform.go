package system

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/demo/internal/supervise"
	"chimera/infra/local/oidc"
	"chimera/infra/local/platform"
)

const platformSession = "platform.session"

// platformSecrets are the Platform's: its login at the provider, and what seals its cookie, in two parts because one
// is shorter than the 32 characters that it wants.
var platformSecrets = []string{clientSecretName(PlatformClient), platformSession + ".1", platformSession + ".2"}

// platformClient lets people come back to any of the addresses: the demo's Platform, and a development server beside it.
func platformClient(urls []string, s *folder.Secrets) oidc.Client {
	var logins, logouts []string
	for _, url := range urls {
		logins, logouts = append(logins, url+"/api/auth/callback"), append(logouts, url+"/login?problem=signed-out")
	}
	return oidc.WebClient(PlatformClient, "Chimera", s.Get(clientSecretName(PlatformClient)), logins, logouts)
}

// platform is the environment of a Platform at url.
func (p *plan) platform(url string) environment {
	return environment{
		"CHIMERA_OIDC_ISSUER":            p.issuer,
		"CHIMERA_PLATFORM_CLIENT_ID":     PlatformClient,
		"CHIMERA_PLATFORM_CLIENT_SECRET": p.secrets.Get(clientSecretName(PlatformClient)),
		"CHIMERA_PLATFORM_URL":           url,
		"CHIMERA_SESSION_SECRET":         p.secrets.Get(platformSession+".1") + "-" + p.secrets.Get(platformSession+".2"),
		"CHIMERA_API_URL":                p.ports.URL("orchestrator"),
		"CHIMERA_PLATFORM_LOGS_URL":      p.ports.URL("logs") + "/?request_id={request_id}",
		// The sandbox serves its images over plain http.
		"CHIMERA_IMAGE_SOURCES": "https: http://127.0.0.1:*",
	}
}

// writePlatform keeps the development server's environment for `run platform`.
func (p *plan) writePlatform() error {
	env := p.platform(p.ports.URL("platform-dev"))
	return p.folder.Write(filepath.Join("env", "platform.env"), []byte(strings.Join(env.list(), "\n")+"\n"))
}

// PlatformFromEnv reads whether the Platform is wanted: DEMO_PLATFORM, or usual if that is unset.
func PlatformFromEnv(usual bool) (bool, error) {
	text := os.Getenv("DEMO_PLATFORM")
	if text == "" {
		return usual, nil
	}
	wanted, err := strconv.ParseBool(text)
	if err != nil {
		return false, fmt.Errorf("DEMO_PLATFORM=%s: want 0 or 1", text)
	}
	return wanted, nil
}

// startPlatform starts the Platform's production server, if it was asked for.
func (d *Demo) startPlatform(ctx context.Context) error {
	if err := d.plan.writePlatform(); err != nil || !d.options.Platform {
		return err
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return fmt.Errorf("the Platform needs Node 20.9 or newer: %w", err)
	}
	return d.steps.do("the Platform is ready", func() error {
		url := d.plan.ports.URL("platform")
		env := d.plan.platform(url)
		env["NODE_ENV"], env["NEXT_TELEMETRY_DISABLED"] = "production", "1"
		env["HOSTNAME"], env["PORT"] = "127.0.0.1", strconv.Itoa(d.plan.ports["platform"])
		program := &supervise.Program{
			Name: "platform", Path: node, Args: []string{platform.Server}, Env: env.list(), Dir: d.built,
			Log: d.plan.folder.Path("logs", "platform.log"), Ready: url + "/api/health",
		}
		if err := program.Start(ctx); err != nil {
			return err
		}
		d.supervisor.Keep(stageWorker, "platform", program)
		return nil
	})
}
