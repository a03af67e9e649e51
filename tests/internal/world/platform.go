package world

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/login"
	"chimera/infra/local/oidc"
	"chimera/infra/local/platform"
)

// PlatformName is the Platform's process. It runs only once StartPlatform was called: few tests need pages.
const PlatformName = "platform"

const platformClient = "chimera-platform"

// PlatformURL is where browsers reach the Platform.
func (w *World) PlatformURL() string { return "http://" + w.ports[PlatformName] }

func (w *World) platformClient(t testing.TB) oidc.Client {
	url := "http://" + w.port(t, PlatformName)
	return oidc.WebClient(platformClient, "Chimera", w.secrets.make("client secret of the Platform"), []string{url + "/api/auth/callback"}, []string{url + "/login?problem=signed-out"})
}

// StartPlatform starts the Platform's production server as the demo does, or starts it anew, with further variables.
// The first one after a change of its sources builds it, about a minute. It answers the folder of what browsers are
// served as files, under /_next/static.
func (w *World) StartPlatform(t testing.TB, more ...string) (static string) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	built, err := platform.Build(t.Context(), root, func(line string) { t.Log(line) })
	require.NoError(t, err)
	node, err := exec.LookPath("node")
	require.NoError(t, err, "the Platform needs Node 20.9 or newer")
	if w.secrets.get("session secret") == "" {
		w.secrets.make("session secret")
	}
	host, port, _ := strings.Cut(w.ports[PlatformName], ":")
	p := &Process{
		Name: PlatformName, Path: node, Args: []string{filepath.Join(built, platform.Server)},
		Log: filepath.Join(w.Dir, "logs", PlatformName+".log"), Ready: w.PlatformURL() + "/api/health",
		Env: append([]string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "NODE_ENV=production", "NEXT_TELEMETRY_DISABLED=1",
			"HOSTNAME=" + host, "PORT=" + port, "CHIMERA_LOG_LEVEL=debug",
			"CHIMERA_OIDC_ISSUER=" + w.OIDC.URL, "CHIMERA_PLATFORM_CLIENT_ID=" + platformClient,
			"CHIMERA_PLATFORM_CLIENT_SECRET=" + w.secrets.get("client secret of the Platform"),
			"CHIMERA_PLATFORM_URL=" + w.PlatformURL(), "CHIMERA_SESSION_SECRET=" + w.secrets.get("session secret"),
			"CHIMERA_API_URL=" + w.PublicURL(), "CHIMERA_IMAGE_SOURCES=https: http://127.0.0.1:*",
		}, more...),
	}
	w.mu.Lock()
	before := w.processes[PlatformName]
	w.processes[PlatformName] = p
	w.mu.Unlock()
	if before != nil {
		before.Kill()
	}
	require.NoError(t, p.Start(t.Context()))
	return filepath.Join(filepath.Dir(filepath.Join(built, platform.Server)), ".next", "static")
}

// Browser logs a person in at the Platform's pages.
func (w *World) Browser(t testing.TB, name string) *http.Client {
	t.Helper()
	browser, err := login.Web(t.Context(), w.PlatformURL()+"/api/auth/login", name, w.secrets.get("password of "+name))
	require.NoError(t, err)
	return browser
}
