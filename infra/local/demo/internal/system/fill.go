package system

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"chimera/infra/local/sandbox"
)

const databaseName = "chimera"

// commandWait bounds a one-off command of the orchestrator.
const commandWait = 2 * time.Minute

// fill makes database, schema and the demo's content; all of it is left alone when it is there.
func (d *Demo) fill(ctx context.Context) error {
	err := d.steps.do("the database's schema is up to date", func() error {
		if err := ensureDatabase(ctx, d.plan.database); err != nil {
			return err
		}
		_, err := d.command(ctx, d.plan.migration(), "migrate")
		return err
	})
	if err != nil {
		return err
	}
	return d.steps.do("tenants, people, accounts and campaigns are seeded", func() error {
		f := d.options.Folder
		if err := f.WriteJSON("seed.json", seed(d.plan.secrets, d.plan.ports.URL("sandbox"), d.options.Platform)); err != nil {
			return err
		}
		if _, err := d.command(ctx, d.plan.orchestrator(0), "seed", f.Path("seed.json")); err != nil {
			return err
		}
		key, err := d.command(ctx, d.plan.orchestrator(0), "keys")
		d.plan.grantKey = key
		if err != nil {
			return err
		}
		return f.WriteJSON("sandbox/config.json", sandbox.Config{
			Listen: d.plan.ports.Address("sandbox"), DataDir: f.Path("sandbox", "data"),
			ControlToken: d.plan.secrets.Get("sandbox.control"), Accounts: sandboxAccounts(d.plan.secrets),
		})
	})
}

// command runs a subcommand of the orchestrator to its end and gives what it printed.
func (d *Demo) command(ctx context.Context, env environment, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, d.options.Folder.Path("bin", "orchestrator"), args...)
	cmd.Env, cmd.Dir = env.list(), d.options.Folder.Dir
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("orchestrator %s: %w\n%s", args[0], err, problems.Bytes())
	}
	return strings.TrimSpace(out.String()), nil
}

func ensureDatabase(ctx context.Context, server string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", databaseName).Scan(&exists); err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, "create database "+databaseName); err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return nil
}
