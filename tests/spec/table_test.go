package spec_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
	"chimera/services/orchestrator"
)

// column is one of a table's, as the catalog has it.
type column struct {
	Table   string
	Name    string
	Type    string
	NotNull bool
	Default string
	Key     bool
	Refers  string
}

const columnsSQL = `
	select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
	  coalesce(pg_get_expr(d.adbin, d.adrelid), ''),
	  exists (select from pg_constraint p where p.conrelid = c.oid and p.contype = 'p' and a.attnum = any (p.conkey)),
	  coalesce((select string_agg(distinct f.confrelid::regclass::text, ', ') from pg_constraint f
	    where f.conrelid = c.oid and f.contype = 'f' and a.attnum = any (f.conkey)
	      and (a.attname <> 'tenant_id' or cardinality(f.conkey) = 1)), '')
	from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
	left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
	where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'goose%'
	order by c.relname, a.attnum`

const checksSQL = `
	select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint
	where connamespace = 'public'::regnamespace and contype in ('c', 'u')
	union select a.attrelid::regclass::text, format('%s IS %s %s', a.attname, format_type(d.typbasetype, d.typtypmod), pg_get_constraintdef(k.oid))
	from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind = 'r' join pg_type d on d.oid = a.atttypid join pg_constraint k on k.contypid = d.oid
	where c.relnamespace = 'public'::regnamespace order by 1, 2`

const grantsSQL = `
	select table_name::text, string_agg(distinct lower(privilege_type), ', ' order by lower(privilege_type)) from information_schema.role_table_grants
	where grantee = 'chimera_app' and table_schema = 'public' group by 1`

// migrated is a database with the schema that the built orchestrator makes.
func migrated(t *testing.T) *pgx.Conn {
	t.Helper()
	url := partstest.Database(t)
	t.Setenv("CHIMERA_OWNER_DATABASE_URL", url)
	t.Setenv("CHIMERA_APP_PASSWORD", "spec-app")
	t.Setenv("CHIMERA_SYSTEM_PASSWORD", "spec-system")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, orchestrator.Command(ctx, []string{"migrate"}, io.Discard, slog.New(slog.DiscardHandler)))
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestEveryTableIsSpecified(t *testing.T) { // R9.1, R16.1
	db := migrated(t)
	tables, drawn := schema(t, db)
	holds(t, "tables", tables)
	holds(t, "relations", drawn)

	// The planted bug: a column that nobody specified.
	_, err := db.Exec(t.Context(), "alter table posts add column planted uuid references tenants")
	require.NoError(t, err)
	other, _ := schema(t, db)
	require.NotEqual(t, tables, other)
	require.Contains(t, other, "| `planted` | uuid | null |  | tenants |")
}

// schema writes the tables with their columns and rules, and draws how they refer to each other.
func schema(t *testing.T, db *pgx.Conn) (tables, drawn string) {
	t.Helper()
	rows, err := db.Query(t.Context(), columnsSQL)
	require.NoError(t, err)
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	require.NoError(t, err)
	require.NotEmpty(t, columns)
	checks, grants := texts(t, db, checksSQL), texts(t, db, grantsSQL)

	var b strings.Builder
	var names []string
	for _, c := range columns {
		if len(names) == 0 || names[len(names)-1] != c.Table {
			if len(names) > 0 {
				rules(&b, checks[names[len(names)-1]])
			}
			names = append(names, c.Table)
			purpose := tablePurposes[c.Table]
			require.NotEmpty(t, purpose, "say in tablePurposes what %s holds", c.Table)
			fmt.Fprintf(&b, "#### %s\n\n%s The app role may: %s.\n\n| column | type | null | default | refers to |\n|---|---|---|---|---|\n", c.Table, purpose, strings.Join(grants[c.Table], ""))
		}
		name, null := "`"+c.Name+"`", "null"
		if c.Key {
			name += " **key**"
		}
		if c.NotNull {
			null = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", name, c.Type, null, code(c.Default), c.Refers)
	}
	rules(&b, checks[names[len(names)-1]])
	for name := range tablePurposes {
		require.Contains(t, names, name, "tablePurposes names a table that is not there")
	}
	return b.String(), relations(columns)
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + cell(s) + "`"
}

func rules(b *strings.Builder, checks []string) {
	if len(checks) > 0 {
		b.WriteString("\nRules: ")
		for i, c := range checks {
			if i > 0 {
				b.WriteString("; ")
			}
			b.WriteString("`" + strings.Join(strings.Fields(c), " ") + "`")
		}
		b.WriteString(".\n")
	}
	b.WriteString("\n")
}

// texts groups a query's second column by its first.
func texts(t *testing.T, db *pgx.Conn, sql string) map[string][]string {
	t.Helper()
	rows, err := db.Query(t.Context(), sql)
	require.NoError(t, err)
	out := map[string][]string{}
	var key, value string
	_, err = pgx.ForEachRow(rows, []any{&key, &value}, func() error {
		out[key] = append(out[key], value)
		return nil
	})
	require.NoError(t, err)
	return out
}

// relations draws who refers to whom, without the tenant that everything refers to.
func relations(columns []column) string {
	var lines []string
	for _, c := range columns {
		for target := range strings.SplitSeq(c.Refers, ", ") {
			if target != "" && target != "tenants" {
				lines = append(lines, fmt.Sprintf("    %s ||--o{ %s : %s\n", target, c.Table, c.Name))
			}
		}
	}
	slices.Sort(lines)
	return "```mermaid\nerDiagram\n" + strings.Join(slices.Compact(lines), "") + "```\n"
}
