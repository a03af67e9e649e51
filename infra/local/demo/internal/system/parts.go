package system

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"chimera/infra/local/parts"
)

// startParts starts the third-party servers side by side.
func (d *Demo) startParts(ctx context.Context) error {
	together, ctx := errgroup.WithContext(ctx)
	together.Go(func() error { return d.steps.do("PostgreSQL answers", func() error { return d.startPostgres(ctx) }) })
	together.Go(func() error { return d.steps.do("Redis answers", func() error { return d.startRedis(ctx) }) })
	together.Go(func() error { return d.steps.do("the OIDC provider answers", func() error { return d.startOIDC(ctx) }) })
	together.Go(func() error { return d.startWeaviate(ctx) })
	return together.Wait()
}

func (d *Demo) part(name string) parts.Options {
	return parts.Options{Dir: d.options.Folder.Path(name), Port: d.plan.ports[name], Say: func(line string) { d.options.Say(name + ": " + line) }}
}

// keep watches a started part, and shows its log beside the others.
func (d *Demo) keep(name string, server *parts.Server) {
	if server.Log != "" {
		link := d.options.Folder.Path("logs", name+".log")
		_ = os.Remove(link)
		_ = os.Symlink(server.Log, link)
	}
	if server.Note != "" {
		d.options.Say(name + ": " + server.Note)
	}
	d.supervisor.Keep(stageParts, name, server)
}

func (d *Demo) startPostgres(ctx context.Context) error {
	options := d.part("postgres")
	options.Dir = postgresDir(options.Dir)
	server, err := parts.Postgres(ctx, parts.PostgresOptions{Options: options})
	if err != nil {
		return err
	}
	d.keep("postgres", server)
	d.plan.database = server.URL
	return nil
}

// postgresDir is below the demo's folder, unless root started the demo where the account that PostgreSQL must run
// as cannot go, such as root's home.
func postgresDir(dir string) string {
	if os.Getuid() != 0 {
		return dir
	}
	for above := filepath.Dir(dir); ; above = filepath.Dir(above) {
		info, err := os.Stat(above)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			sum := sha256.Sum256([]byte(dir))
			return filepath.Join("/var/lib/chimera-demo", hex.EncodeToString(sum[:6]), "postgres")
		}
		if above == filepath.Dir(above) {
			return dir
		}
	}
}

func (d *Demo) startRedis(ctx context.Context) error {
	// Append-only: an empty Redis after a crash would cost no message, but the time to find that out.
	server, err := parts.Redis(ctx, parts.RedisOptions{Options: d.part("redis"), Password: d.plan.secrets.Get("redis"), AppendOnly: true})
	if err != nil {
		return err
	}
	d.keep("redis", server)
	d.plan.redis, d.plan.embedded = server.URL, server.Note != ""
	return nil
}

func (d *Demo) startOIDC(ctx context.Context) error {
	f := d.options.Folder
	if err := writeIdentities(f, d.plan.secrets, d.plan.ports.URL("platform"), d.plan.ports.URL("platform-dev")); err != nil {
		return err
	}
	server, err := parts.OIDC(ctx, parts.OIDCOptions{Options: d.part("oidc"), Users: f.Path("identities", "users.json"), Clients: f.Path("identities", "clients.json")})
	if err != nil {
		return err
	}
	d.keep("oidc", server)
	d.plan.issuer = server.URL
	return nil
}

// startWeaviate is the one part that may be missing: it cannot be fetched in seconds.
func (d *Demo) startWeaviate(ctx context.Context) error {
	begin := time.Now()
	server, err := parts.Weaviate(ctx, parts.WeaviateOptions{Options: d.part("weaviate")})
	if errors.Is(err, parts.ErrAbsent) {
		d.steps.ended("memory runs degraded: there is no Weaviate here", begin)
		d.options.Say("        drafts recall nothing; tasks and health say so. " + err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	d.keep("weaviate", server.Server)
	d.plan.weaviate.url, d.plan.weaviate.key = server.URL, server.APIKey
	d.steps.ended("Weaviate answers", begin)
	return nil
}
