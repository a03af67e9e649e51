package arch_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// goImages are the programs of ours that are shipped (R3.3); each has its Dockerfile in its folder.
var goImages = []string{"services/orchestrator", "services/worker", "skills/trends", "skills/copywriter", "skills/publisher", "skills/analytics", "infra/local/sandbox"}

func TestEveryProgramHasItsImage(t *testing.T) { // R3.3, R5.1
	pattern := ""
	for _, folder := range goImages {
		raw, err := os.ReadFile(at(filepath.Join(folder, "Dockerfile")))
		require.NoError(t, err)
		var kept []string
		for line := range strings.SplitSeq(string(raw), "\n") {
			if path, ok := strings.CutPrefix(line, "ARG PACKAGE=./"); ok {
				require.True(t, within(path, folder), "%s builds %s", folder, path)
				require.DirExists(t, at(path))
				continue
			}
			if !strings.HasPrefix(line, "ARG TITLE=") {
				kept = append(kept, line)
			}
		}
		text := strings.Join(kept, "\n")
		if pattern == "" {
			pattern = text
		}
		require.Equal(t, pattern, text, "%s/Dockerfile: the Go images differ in package and title only", folder)
	}
	for _, line := range []string{"USER 65532:65532", "HEALTHCHECK", "CGO_ENABLED=0", "-trimpath", "gcr.io/distroless/static-debian12:nonroot"} {
		require.Contains(t, pattern, line)
	}
	// A new skill is noticed here.
	for _, program := range productionGraph(t).mains("chimera/skills") {
		require.Contains(t, goImages, strings.TrimPrefix(program, "chimera/"))
	}
}

type composeFile struct {
	Services map[string]struct {
		Image       string            `yaml:"image"`
		ReadOnly    bool              `yaml:"read_only"`
		CapDrop     []string          `yaml:"cap_drop"`
		SecurityOpt []string          `yaml:"security_opt"`
		Privileged  bool              `yaml:"privileged"`
		Restart     string            `yaml:"restart"`
		NetworkMode string            `yaml:"network_mode"`
		Environment map[string]string `yaml:"environment"`
		Ports       []string          `yaml:"ports"`
		Networks    networkNames      `yaml:"networks"`
		Deploy      struct {
			Resources struct {
				Limits struct {
					CPUs, Memory string
					Pids         int
				}
			}
		} `yaml:"deploy"`
	}
	Networks map[string]struct {
		Internal   bool
		DriverOpts map[string]string `yaml:"driver_opts"`
	}
}

// networkNames reads a service's networks from a list or a mapping.
type networkNames []string

func (n *networkNames) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.SequenceNode {
		var list []string
		err := node.Decode(&list)
		*n = list
		return err
	}
	var set map[string]any
	err := node.Decode(&set)
	for name := range set {
		*n = append(*n, name)
	}
	return err
}

func readCompose(t *testing.T) composeFile {
	t.Helper()
	raw, err := os.ReadFile(at("compose.yaml"))
	require.NoError(t, err)
	var file composeFile
	require.NoError(t, yaml.Unmarshal(raw, &file))
	require.Greater(t, len(file.Services), 10)
	return file
}

func TestContainersAreHardened(t *testing.T) { // R15.1, R11
	for name, s := range readCompose(t).Services {
		t.Run(name, func(t *testing.T) {
			require.True(t, s.ReadOnly, "read_only")
			require.Equal(t, []string{"ALL"}, s.CapDrop)
			require.Equal(t, []string{"no-new-privileges:true"}, s.SecurityOpt)
			require.False(t, s.Privileged)
			require.Empty(t, s.NetworkMode)
			require.NotEqual(t, "always", s.Restart)
			limits := s.Deploy.Resources.Limits
			require.NotEmpty(t, limits.CPUs)
			require.NotEmpty(t, limits.Memory)
			require.Positive(t, limits.Pids)
			_, tag, tagged := strings.Cut(s.Image[strings.LastIndexByte(s.Image, '/')+1:], ":")
			require.True(t, tagged && tag != "latest", "%s is not pinned", s.Image)
			for _, port := range s.Ports {
				require.True(t, strings.HasPrefix(port, "127.0.0.1:"), "%s is published beyond this machine", port)
			}
			for key, value := range s.Environment {
				secret := strings.HasSuffix(key, "PASSWORD") || strings.HasSuffix(key, "SECRET") || strings.HasSuffix(key, "_KEY") || strings.HasSuffix(key, "DATABASE_URL") || strings.HasSuffix(key, "REDIS_URL")
				require.False(t, secret && value != "", "%s: secrets come from files", key)
			}
		})
	}
}

// Who may reach whom, as in the graph of imports: containers that share no network cannot meet.
func TestNetworksKeepServicesApart(t *testing.T) { // R6, R9.4
	file := readCompose(t)
	meet := func(a, b string) bool {
		return slices.ContainsFunc(file.Services[a].Networks, func(n string) bool { return slices.Contains(file.Services[b].Networks, n) })
	}
	for _, part := range []string{"postgres", "weaviate"} {
		require.True(t, meet("orchestrator", part))
		for _, other := range []string{"worker", "trends", "copywriter", "publisher", "analytics", "oidc", "sandbox"} {
			require.False(t, meet(other, part), "%s reaches %s: state is the orchestrator's (R6.3, R6.4)", other, part)
		}
	}
	for _, skill := range []string{"trends", "copywriter", "publisher", "analytics"} {
		require.False(t, meet(skill, "redis"), "%s sees a queue", skill)
		require.True(t, meet(skill, "worker"))
	}
	require.True(t, meet("worker", "redis"))
	require.True(t, meet("platform", "orchestrator"))
	for _, other := range []string{"postgres", "weaviate", "redis", "worker", "trends", "copywriter", "publisher", "analytics", "sandbox"} {
		require.False(t, meet("platform", other), "the Platform talks to the orchestrator's API only (R3.1)")
	}
	for _, n := range file.Services["worker"].Networks {
		require.True(t, file.Networks[n].Internal, "a worker has no route out, not even one without an answer: %s", n)
	}
	for name, s := range file.Services {
		outside := slices.ContainsFunc(s.Networks, func(n string) bool {
			return !file.Networks[n].Internal && file.Networks[n].DriverOpts["com.docker.network.bridge.enable_ip_masquerade"] != "false"
		})
		require.NotEmpty(t, s.Networks, "%s: the default network leads out", name)
		mayLeave := slices.Contains([]string{"trends", "copywriter", "publisher", "analytics", "sandbox"}, name)
		require.Equal(t, mayLeave, outside, "%s: only what talks to platforms has a way out", name)
	}
}
