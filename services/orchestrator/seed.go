package orchestrator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
)

// maxSeed bounds a seed document, in bytes.
const maxSeed = 1 << 20

// seedDocument names what an installation starts with. Persona and Parameters are protojson.
type seedDocument struct {
	Tenants []seedTenant `json:"tenants"`
}

type seedTenant struct {
	ID      string       `json:"id"`
	Slug    string       `json:"slug"`
	Name    string       `json:"name"`
	Members []seedMember `json:"members"`
	Agents  []seedAgent  `json:"agents"`
}

type seedMember struct {
	Subject string `json:"subject"`
	Email   string `json:"email"`
	Name    string `json:"name"` // until the identity provider says it at the first sign-in
	Role    string `json:"role"` // viewer, operator, reviewer or admin
}

type seedAgent struct {
	Name      string          `json:"name"`
	Persona   json.RawMessage `json:"persona"`
	Accounts  []seedAccount   `json:"accounts"`
	Campaigns []seedCampaign  `json:"campaigns"`
}

type seedAccount struct {
	Platform string        `json:"platform"`
	Handle   string        `json:"handle"`
	BaseURL  string        `json:"base_url"`
	Secret   secret.String `json:"secret"`
}

type seedCampaign struct {
	Name       string          `json:"name"`
	Goal       string          `json:"goal"`
	Playbook   string          `json:"playbook"`
	Parameters json.RawMessage `json:"parameters"`
	Accounts   []string        `json:"accounts"` // handles of the agent's accounts
	// Start starts the campaign when the seed makes it; one that is there is left as people made it.
	Start bool `json:"start"`
}

// Seed brings in what the JSON document names and is not there yet, through the same verbs as everybody's writes,
// so that all of it is audited. A tenant that exists keeps its members; its missing agents, accounts and campaigns
// are added by name, and what has a name already is left as people made it. Errors: Invalid for the document.
func Seed(ctx context.Context, cfg Config, r io.Reader) error {
	doc, err := readSeed(r)
	if err != nil {
		return err
	}
	st, err := cfg.openStore(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	cm, err := cfg.committer(st, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	tenants, err := st.Tenants(ctx)
	if err != nil {
		return err
	}
	exists := make(map[string]bool, len(tenants))
	for _, t := range tenants {
		exists[t.ID] = true
	}
	for _, t := range doc.Tenants {
		if err := (&seeder{store: st, commit: cm}).tenant(ctx, t, exists[t.ID]); err != nil {
			return fmt.Errorf("seed tenant %s: %w", t.Slug, err)
		}
	}
	return nil
}

func readSeed(r io.Reader) (seedDocument, error) {
	var doc seedDocument
	decoder := json.NewDecoder(io.LimitReader(r, maxSeed))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		return doc, badSeed(err, "the seed is no JSON of the documented shape")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return doc, badSeed(err, "the seed goes on after its document, or is larger than 1 MiB")
	}
	return doc, doc.check()
}

// check holds the whole document to the contract before anything of it is written.
func (d seedDocument) check() error {
	for _, t := range d.Tenants {
		for _, a := range t.Agents {
			if err := parse(a.Persona, &platformv1.Persona{}, "the persona"); err != nil {
				return err
			}
			for _, w := range a.Campaigns {
				if err := parse(w.Parameters, &platformv1.CampaignParameters{}, "the parameters of campaign "+w.Name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func badSeed(err error, public string) error {
	return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, public)
}

// parse reads protojson into m and holds it to the same rules as the API does.
func parse(body json.RawMessage, m proto.Message, what string) error {
	if err := protojson.Unmarshal(body, m); err != nil {
		return badSeed(err, what+" is not as the contract has it")
	}
	if err := protovalidate.Validate(m); err != nil {
		return badSeed(err, what+" breaks a rule of the contract: "+err.Error())
	}
	return nil
}
