package orchestrator

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/caarlos0/env/v11"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/boot"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/services/orchestrator/internal/store"
)

const usage = "usage: orchestrator [serve | migrate | seed FILE.json | audit verify [TENANT] | keys | healthcheck]"

// Command runs what the arguments name; none means serve. Errors: Invalid for unknown arguments.
func Command(ctx context.Context, args []string, out io.Writer, log *slog.Logger) error {
	verb := "serve"
	if len(args) > 0 {
		verb = args[0]
	}
	if verb == "migrate" {
		return migrate(ctx)
	}
	cfg, err := FromEnv()
	if err != nil {
		return err
	}
	switch {
	case verb == "serve" && len(args) <= 1:
		return Run(ctx, cfg, log)
	case verb == "healthcheck" && len(args) == 1:
		return boot.Healthcheck(ctx, cfg.OpsAddr, "/readyz")
	case verb == "keys" && len(args) == 1:
		public, err := cfg.PublicKey()
		if err == nil {
			_, err = fmt.Fprintln(out, public)
		}
		return err
	case verb == "seed" && len(args) == 2:
		f, err := os.Open(args[1])
		if err != nil {
			return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the seed file cannot be opened")
		}
		defer func() { _ = f.Close() }()
		return Seed(ctx, cfg, f)
	case verb == "audit" && len(args) >= 2 && args[1] == "verify" && len(args) <= 3:
		only := ""
		if len(args) == 3 {
			only = args[2]
		}
		return VerifyAudit(ctx, cfg, only, out)
	}
	return errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, usage)
}

// migrateConfig is apart from Config: the owner's login is on no serving process.
type migrateConfig struct {
	OwnerURL       secret.String `env:"OWNER_DATABASE_URL,required"`
	AppPassword    secret.String `env:"APP_PASSWORD,required"`
	SystemPassword secret.String `env:"SYSTEM_PASSWORD,required"`
}

func migrate(ctx context.Context) error {
	var cfg migrateConfig
	if err := env.ParseWithOptions(&cfg, env.Options{Prefix: "CHIMERA_"}); err != nil {
		return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the environment cannot be read")
	}
	return store.Migrate(ctx, cfg.OwnerURL.Reveal(), store.Roles{AppPassword: cfg.AppPassword.Reveal(), SystemPassword: cfg.SystemPassword.Reveal()})
}
