package system

import (
	"fmt"
	"strings"

	"chimera/infra/local/demo/internal/folder"
)

// Summary tells a person where everything is and how to log in. It holds the users' passwords: it is for a
// terminal, never for a log.
func Summary(f folder.Folder, s folder.State, secrets *folder.Secrets) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("")
	if s.Platform != "" {
		line("  the Platform     %s   (log in as one of the users below)", s.Platform)
	}
	line("  its API          %s   (Connect, gRPC, gRPC-Web; reflection on)", s.API)
	line("  timeline         %s   (what was published on the sandbox platforms)", s.Sandbox)
	line("  identity         %s", s.Issuer)
	stack := ""
	if s.PID == 0 { // nothing supervises containers but the engine
		stack = " STACK=compose"
		line("  health, metrics  %s/readyz   %s/metrics", s.Ops, s.Ops)
		line("  logs             docker compose logs --follow")
	} else {
		line("  health, metrics  %s/readyz   %s/metrics   (worker: %s)", s.Ops, s.Ops, s.WorkerOps)
		line("  logs, traces     %s   %s", s.Logs, f.Path("logs"))
	}
	line("")
	line("  %-18s %-26s %s", "user", "password", "roles")
	for _, p := range People {
		var roles []string
		for _, t := range tenants {
			if role, ok := p.Roles[t.slug]; ok {
				roles = append(roles, role+" in "+t.slug)
			}
		}
		line("  %-18s %-26s %s", p.Username, secrets.Get(PasswordName(p.Username)), strings.Join(roles, ", "))
	}
	line("")
	if s.PlatformDev != "" {
		line("  its development  make run-platform, then %s", s.PlatformDev)
	}
	line("  the main job     make smoke%s", stack)
	line("  a token          make token USER=reviewer%s", stack)
	line("  stop             make down%s           anew  make clean%s", stack, stack)
	return b.String()
}
