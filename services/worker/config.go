package worker

import (
	"os"
	"strconv"
	"time"

	"github.com/caarlos0/env/v11"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/internal/bus"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
	"chimera/services/worker/internal/toolbox"
)

// Config is read from the environment, prefix CHIMERA_.
type Config struct {
	// ID names this worker in claims and results; host name and pid if left out.
	ID string `env:"WORKER_ID"`
	// Concurrency is how many tasks run at once; for tools that answer at once 256 costs least a task.
	Concurrency int `env:"WORKER_CONCURRENCY" envDefault:"16"`
	// Drain is how long running tasks may go on once the process is told to stop; at most 20 s.
	Drain time.Duration `env:"WORKER_DRAIN" envDefault:"20s"`
	// Skills: "trends=http://127.0.0.1:7101/mcp,local=stdio:/path/to/program".
	Skills string `env:"SKILLS,required"`
	// DiscoverEvery is how often skills are asked for their tools.
	DiscoverEvery time.Duration `env:"DISCOVER_EVERY" envDefault:"15s"`

	OrchestratorURL string        `env:"ORCHESTRATOR_URL,required"`
	Issuer          string        `env:"OIDC_ISSUER"`
	ClientID        string        `env:"CLIENT_ID" envDefault:"chimera-worker"`
	ClientSecret    secret.String `env:"CLIENT_SECRET"`
	// OpsAddr serves health, readiness and metrics; empty serves none.
	OpsAddr string `env:"OPS_ADDR"`

	Bus bus.Config

	skills []toolbox.Address
}

// FromEnv reads Config from CHIMERA_*. Errors are Invalid.
func FromEnv() (Config, error) {
	var cfg Config
	if err := env.ParseWithOptions(&cfg, env.Options{Prefix: "CHIMERA_"}); err != nil {
		return cfg, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the environment cannot be read")
	}
	return cfg, nil
}

func (c *Config) check() (err error) {
	if c.skills, err = toolbox.ParseSkills(c.Skills); err != nil {
		return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "CHIMERA_SKILLS is malformed")
	}
	if c.Concurrency < 1 || c.Concurrency > 512 {
		// 512: one heartbeat call carries no more.
		return errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "CHIMERA_WORKER_CONCURRENCY must be 1 to 512")
	}
	c.Drain = min(c.Drain, 20*time.Second)
	if c.ID == "" {
		host, _ := os.Hostname()
		c.ID = host + "-" + strconv.Itoa(os.Getpid())
	}
	if c.Bus.Consumer == "" {
		c.Bus.Consumer = c.ID
	}
	return nil
}
