package orchestrator

import (
	"time"

	"github.com/caarlos0/env/v11"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/bus"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/services/orchestrator/internal/memory"
)

// Config is read from the environment, prefix CHIMERA_. Everything that is not required has a safe default.
type Config struct {
	// Addr serves people's API, InternalAddr the workers' and skills', OpsAddr health and metrics.
	Addr         string `env:"ADDR" envDefault:"127.0.0.1:7700"`
	InternalAddr string `env:"INTERNAL_ADDR" envDefault:"127.0.0.1:7701"`
	OpsAddr      string `env:"OPS_ADDR" envDefault:"127.0.0.1:7702"`

	// DatabaseURL logs in as chimera_app, SystemDatabaseURL as chimera_system; neither may bypass row-level security.
	DatabaseURL       secret.String `env:"DATABASE_URL,required"`
	SystemDatabaseURL secret.String `env:"SYSTEM_DATABASE_URL,required"`
	// DatabaseConns are the writers'; readers have their own, so that a backlog keeps no page waiting.
	DatabaseConns     int32 `env:"DATABASE_CONNS" envDefault:"8"`
	DatabaseReadConns int32 `env:"DATABASE_READ_CONNS" envDefault:"6"`

	Bus    bus.Config
	Memory memory.Config

	Issuer        string   `env:"OIDC_ISSUER,required"`
	Audience      string   `env:"OIDC_AUDIENCE" envDefault:"chimera"`
	PeopleClients []string `env:"PEOPLE_CLIENTS" envDefault:"chimera-cli,chimera-platform"`
	WorkerClients []string `env:"WORKER_CLIENTS" envDefault:"chimera-worker"`
	SkillClients  []string `env:"SKILL_CLIENTS" envDefault:"chimera-skill-trends,chimera-skill-copywriter,chimera-skill-publisher,chimera-skill-analytics"`

	// Key files are made at the first start when they are not there; in production the secrets manager mounts them.
	GrantSeedFile string `env:"GRANT_SEED_FILE,required"`
	// FormerGrantKeys are public keys in base64 that signed before a rotation: their grants and audit checkpoints still hold.
	FormerGrantKeys   []string `env:"FORMER_GRANT_KEYS"`
	VaultIdentityFile string   `env:"VAULT_IDENTITY_FILE,required"`
	PageKeyFile       string   `env:"PAGE_KEY_FILE,required"`
	// CheckpointDir keeps signed audit heads outside the database; empty keeps them in it only.
	CheckpointDir string `env:"CHECKPOINT_DIR"`

	// TenantWindow is how many of one tenant's tasks may be queued or running.
	TenantWindow int `env:"TENANT_WINDOW" envDefault:"256"`
	// Concurrency is how many results, and how many verdicts, are committed together at most.
	Concurrency   int           `env:"CONCURRENCY" envDefault:"256"`
	DispatchEvery time.Duration `env:"DISPATCH_EVERY" envDefault:"500ms"`
	SweepEvery    time.Duration `env:"SWEEP_EVERY" envDefault:"2s"`
	// Lease is how long a worker's claim holds without a heartbeat.
	Lease time.Duration `env:"LEASE" envDefault:"15s"`
	// EffectCall is how long a skill may take for a platform call; it must end before the lease does.
	EffectCall time.Duration `env:"EFFECT_CALL" envDefault:"12s"`
	GrantTTL   time.Duration `env:"GRANT_TTL" envDefault:"30m"`
	// Quiet is waited before an unclear effect is read back: longer than the platforms' read lag.
	Quiet      time.Duration `env:"QUIET" envDefault:"6s"`
	MaxLookups int32         `env:"MAX_LOOKUPS" envDefault:"8"`
	ReviewHold time.Duration `env:"REVIEW_HOLD" envDefault:"5m"`
	// QueuedOverdue and JudgingOverdue say when a dispatched task or an unjudged result counts as lost.
	QueuedOverdue  time.Duration `env:"QUEUED_OVERDUE" envDefault:"20s"`
	JudgingOverdue time.Duration `env:"JUDGING_OVERDUE" envDefault:"10s"`
}

// FromEnv reads Config from CHIMERA_*. Errors are Invalid and name the variable.
func FromEnv() (Config, error) {
	var cfg Config
	if err := env.ParseWithOptions(&cfg, env.Options{Prefix: "CHIMERA_"}); err != nil {
		return cfg, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the environment cannot be read")
	}
	if cfg.TenantWindow < 1 || cfg.Concurrency < 1 || cfg.Lease < time.Second || cfg.Quiet <= 0 {
		return cfg, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "CHIMERA_TENANT_WINDOW and CHIMERA_CONCURRENCY must be at least 1, CHIMERA_LEASE at least 1s, CHIMERA_QUIET above 0")
	}
	if cfg.EffectCall >= cfg.Lease {
		return cfg, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "CHIMERA_EFFECT_CALL must be below CHIMERA_LEASE: a platform call ends before its worker can be taken for lost")
	}
	return cfg, nil
}
