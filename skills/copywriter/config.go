package main

import (
	"time"

	"github.com/caarlos0/env/v11"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
)

type config struct {
	// Provider is template (needs nothing), openai (any OpenAI-compatible endpoint) or anthropic.
	Provider string `env:"COPYWRITER_PROVIDER" envDefault:"template"`

	OpenAIBaseURL string        `env:"OPENAI_BASE_URL"`
	OpenAIModel   string        `env:"OPENAI_MODEL"`
	OpenAIKey     secret.String `env:"OPENAI_API_KEY"`

	AnthropicBaseURL string        `env:"ANTHROPIC_BASE_URL" envDefault:"https://api.anthropic.com"`
	AnthropicModel   string        `env:"ANTHROPIC_MODEL"`
	AnthropicKey     secret.String `env:"ANTHROPIC_API_KEY"`

	Timeout   time.Duration `env:"MODEL_TIMEOUT" envDefault:"90s"`
	MaxTokens int64         `env:"MODEL_MAX_OUTPUT_TOKENS" envDefault:"1024"`
	// Prices of 1,000 tokens, in the tenant's currency unit. Unset, a draft's cost is recorded as 0.
	InputPer1K  float64 `env:"MODEL_INPUT_COST_PER_1K"`
	OutputPer1K float64 `env:"MODEL_OUTPUT_COST_PER_1K"`
}

// writerFromEnv also returns how long one call may take.
func writerFromEnv() (writer, time.Duration, error) {
	var cfg config
	if err := env.ParseWithOptions(&cfg, env.Options{Prefix: "CHIMERA_"}); err != nil {
		return nil, 0, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the environment of the copywriter skill cannot be read")
	}
	return newWriter(cfg)
}

func newWriter(cfg config) (writer, time.Duration, error) {
	missing := func(name string) error {
		return errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "CHIMERA_COPYWRITER_PROVIDER=%s needs %s; set it, or use CHIMERA_COPYWRITER_PROVIDER=template", cfg.Provider, name)
	}
	w := &modelWriter{cfg: cfg}
	client := modelClient(cfg.Timeout)
	switch cfg.Provider {
	case "template":
		return fromTemplates, templateTimeout, nil
	case "openai":
		switch {
		case cfg.OpenAIModel == "":
			return nil, 0, missing("CHIMERA_OPENAI_MODEL")
		case cfg.OpenAIKey.Empty() && cfg.OpenAIBaseURL == "":
			// A local server may need no key; the public one does.
			return nil, 0, missing("CHIMERA_OPENAI_API_KEY (or CHIMERA_OPENAI_BASE_URL of a server without keys)")
		}
		m, err := newOpenAI(cfg, client)
		if err != nil {
			return nil, 0, err
		}
		w.model = m
	case "anthropic":
		switch {
		case cfg.AnthropicModel == "":
			return nil, 0, missing("CHIMERA_ANTHROPIC_MODEL")
		case cfg.AnthropicKey.Empty():
			return nil, 0, missing("CHIMERA_ANTHROPIC_API_KEY")
		}
		m, err := newAnthropic(cfg, client)
		if err != nil {
			return nil, 0, err
		}
		w.model = m
	default:
		return nil, 0, errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "CHIMERA_COPYWRITER_PROVIDER: want template, openai or anthropic, not %q", cfg.Provider)
	}
	if cfg.Timeout <= 0 || cfg.MaxTokens <= 0 || cfg.InputPer1K < 0 || cfg.OutputPer1K < 0 {
		return nil, 0, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "CHIMERA_MODEL_TIMEOUT and CHIMERA_MODEL_MAX_OUTPUT_TOKENS must be above 0, prices at least 0")
	}
	return w.draft, cfg.Timeout, nil
}
