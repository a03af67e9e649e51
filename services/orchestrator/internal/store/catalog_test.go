package store_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
	"chimera/services/orchestrator/internal/store"
)

func TestMain(m *testing.M) { partstest.Main(m) }

// password serves both roles. They are the cluster's: tests that share a server use the same one.
const password = "for-tests-on-loopback"

// catalogRules ask the database itself, not the migrations' text, what is open. Each answers the names of what
// breaks it; an installation's table has no tenant and is granted apart.
var catalogRules = map[string]string{
	"row-level security is forced": `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
		and relname not in ('tools', 'workers', 'goose_db_version') and not (relrowsecurity and relforcerowsecurity)`,

	"a table has its tenant": `select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
		and c.relname not in ('tools', 'workers', 'goose_db_version')
		and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull and a.atttypid = 'uuid'::regtype)`,

	"one policy for all commands, both ways": `select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity
		and not exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polroles = array['chimera_app'::regrole::oid]
			and pg_get_expr(p.polqual, c.oid) ~ '^\(tenant_id = \( SELECT app\.tenant\(\) AS tenant\)\)$'
			and pg_get_expr(p.polwithcheck, c.oid) = pg_get_expr(p.polqual, c.oid))`,

	// Permissive policies add up: one more opens the table whatever the others say.
	"no policy besides": `select c.relname || '.' || p.polname from pg_policy p join pg_class c on c.oid = p.polrelid
		where not (p.polname = 'tenant' and p.polroles = array['chimera_app'::regrole::oid])
		  and not (p.polname = 'system_read' and p.polroles = array['chimera_system'::regrole::oid] and p.polcmd = 'r')`,

	// A unique key without the tenant tells one tenant what another has. A tenant's slug is the installation's own.
	"unique keys start with the tenant": `select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
		join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
		where c.relnamespace = 'public'::regnamespace and i.indisunique and i.indkey[0] <> t.attnum and i.indexrelid::regclass::text <> 'tenants_slug_key'`,

	"foreign keys start with the tenant": `select k.conname::text from pg_constraint k join pg_class c on c.oid = k.conrelid
		where k.contype = 'f' and c.relnamespace = 'public'::regnamespace
		and ((select attname from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[1]) is distinct from 'tenant_id'
		  or (select attname from pg_attribute where attrelid = k.confrelid and attnum = k.confkey[1]) is distinct from 'tenant_id')`,

	// TRUNCATE knows no row-level security, REFERENCES probes other tenants' keys, TRIGGER runs code as others.
	"no dangerous or public grant": `select c.relname || ': ' || a.privilege_type || ' to ' || a.grantee::regrole::text from pg_class c, aclexplode(c.relacl) a
		where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and a.grantee <> c.relowner
		and (a.grantee = 0 or a.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'))`,

	"roles are powerless": `select rolname::text from pg_roles where rolname in ('chimera_app', 'chimera_system')
		and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication or rolinherit)
		union all select 'member: ' || roleid::regrole::text from pg_auth_members where member in ('chimera_app'::regrole, 'chimera_system'::regrole)
		union all select 'owned: ' || relname from pg_class where relowner in ('chimera_app'::regrole, 'chimera_system'::regrole)
		union all select 'owned: ' || proname from pg_proc where proowner in ('chimera_app'::regrole, 'chimera_system'::regrole)
		union all select 'may create in ' || n.nspname from pg_namespace n, (values ('chimera_app'), ('chimera_system')) r(name)
			where n.nspname in ('public', 'app') and has_schema_privilege(r.name, n.oid, 'create')
		union all select r.name || ' may make ' || p.name || ' here' from (values ('chimera_app'), ('chimera_system')) r(name), (values ('temporary'), ('create')) p(name)
			where has_database_privilege(r.name, current_database(), p.name)`,

	// Code that runs at a table's change, or in its place, sees and writes what its reader may not.
	"no rules, no foreign triggers": `select c.relname || ': rule ' || w.rulename from pg_rewrite w join pg_class c on c.oid = w.ev_class where c.relnamespace = 'public'::regnamespace
		union all select g.tgrelid::regclass || ': trigger ' || g.tgname from pg_trigger g join pg_proc p on p.oid = g.tgfoid
			where not g.tgisinternal and p.pronamespace <> 'app'::regnamespace`,

	// A partition or a child is a table of its own: reached by name, its parent's policies do not hold.
	"no children": `select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid where c.relnamespace = 'public'::regnamespace`,

	// What is made later must not be open either.
	"no default grants": `select defaclobjtype::text || ': ' || a.privilege_type || ' to ' || a.grantee from pg_default_acl d, aclexplode(d.defaclacl) a where a.grantee <> d.defaclrole`,

	// It reads across tenants: so no content, no ciphertext, and never a write.
	"the system role reads bare columns": `select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
		and (has_column_privilege('chimera_system', c.oid, a.attnum, 'insert, update') or has_table_privilege('chimera_system', c.oid, 'delete')
		  or (a.atttypid in ('bytea'::regtype, 'json'::regtype, 'jsonb'::regtype) and has_column_privilege('chimera_system', c.oid, a.attnum, 'select')))`,

	// They show their owner's rows.
	"no views": `select relname::text from pg_class where relnamespace in ('public'::regnamespace, 'app'::regnamespace) and relkind in ('v', 'm', 'f')`,

	"no security definer": `select p.proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')`,

	// Every statement that changes a row reads all of its table's checks anew, a domain's only when it sets the column.
	"the path's columns are ruled by domains": `select conname::text from pg_constraint where contype = 'c' and cardinality(conkey) = 1
		and conrelid in ('tasks'::regclass, 'campaigns'::regclass, 'decisions'::regclass)`,

	"the audit is append-only": `select t.name || ' may be changed' from (values ('audit_entries'), ('audit_checkpoints')) t(name)
		where has_any_column_privilege('chimera_app', t.name, 'update') or has_table_privilege('chimera_app', t.name, 'delete')
		   or (select count(*) from pg_trigger g where g.tgrelid = t.name::regclass and not g.tgisinternal and g.tgenabled = 'O') < 2`,
}

// broken answers what breaks each rule just now; rules that hold are left out.
func broken(t *testing.T, q interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
},
) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for name, sql := range catalogRules {
		rows, err := q.Query(t.Context(), sql)
		require.NoError(t, err, name)
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err, name)
		if len(names) > 0 {
			found[name] = names
		}
	}
	return found
}

func migrated(t *testing.T) (owner string, conn *pgx.Conn) {
	t.Helper()
	owner = partstest.Database(t)
	require.NoError(t, store.Migrate(t.Context(), owner, store.Roles{AppPassword: password, SystemPassword: password}))
	conn, err := pgx.Connect(t.Context(), owner)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return owner, conn
}

func TestCatalogIsLockedDown(t *testing.T) { // R9.4, R13.1
	_, conn := migrated(t)
	require.Empty(t, broken(t, conn))
	var tables int
	require.NoError(t, conn.QueryRow(t.Context(), "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relforcerowsecurity").Scan(&tables))
	require.Greater(t, tables, 20, "the rules looked at an empty schema")
	t.Logf("%d rules over %d tables of tenants: nothing is open", len(catalogRules), tables)
}

// The planted bugs: each rule goes red for what it is there for, and alone unless said.
func TestPlantedHolesAreFound(t *testing.T) {
	_, conn := migrated(t)
	const table = "create table planted (tenant_id uuid not null, id uuid not null, primary key (tenant_id, id)); call app.protect('planted', 'select, insert'); "
	for name, c := range map[string]struct{ rule, sql string }{
		"a table without force":         {"row-level security is forced", table + "alter table planted no force row level security"},
		"a table switched off":          {"row-level security is forced", "alter table posts disable row level security"},
		"a table without tenant":        {"a table has its tenant", "create table planted (id uuid primary key)"},
		"a nullable tenant":             {"a table has its tenant", "create table planted (tenant_id uuid)"},
		"a policy for reading only":     {"one policy for all commands, both ways", table + "drop policy tenant on planted; create policy tenant on planted for select to chimera_app using (tenant_id = (select app.tenant()))"},
		"a policy that lets write all":  {"one policy for all commands, both ways", table + "alter policy tenant on planted with check (true)"},
		"a policy that shows all":       {"one policy for all commands, both ways", "alter policy tenant on posts using (true)"},
		"a second policy":               {"no policy besides", "create policy debug on posts to chimera_app using (true)"},
		"a policy for everyone":         {"no policy besides", "alter policy system_read on posts to public"},
		"a unique key over all tenants": {"unique keys start with the tenant", "create unique index planted on campaigns (name, tenant_id)"},
		"a foreign key across tenants":  {"foreign keys start with the tenant", table + "create table other (tenant_id uuid not null, id uuid primary key); alter table planted add foreign key (id) references other (id)"},
		"truncate":                      {"no dangerous or public grant", "grant truncate on posts to chimera_app"},
		"references":                    {"no dangerous or public grant", "grant references on posts to chimera_app"},
		"trigger":                       {"no dangerous or public grant", "grant trigger on posts to chimera_system"},
		"a grant to everyone":           {"no dangerous or public grant", "grant select on posts to public"},
		"a role that bypasses":          {"roles are powerless", "alter role chimera_app bypassrls"},
		"a role that inherits power":    {"roles are powerless", "grant pg_read_all_data to chimera_system"},
		"a role that owns":              {"roles are powerless", "alter table posts owner to chimera_app"},
		"a role that creates":           {"roles are powerless", "grant create on schema public to chimera_app"},
		"a system role that writes":     {"the system role reads bare columns", "grant update (state) on tasks to chimera_system"},
		"a system role with secrets":    {"the system role reads bare columns", "grant select (sealed_secret) on accounts to chimera_system"},
		"a role that makes tables":      {"roles are powerless", "do $$ begin execute format('grant temporary on database %I to chimera_app', current_database()); end $$"},
		"a rule":                        {"no rules, no foreign triggers", "create rule planted as on update to posts do also select 1"},
		"a trigger of somewhere":        {"no rules, no foreign triggers", "create function planted() returns trigger language plpgsql as 'begin return new; end'; create trigger planted after insert on posts for each row execute function planted()"},
		"a child":                       {"no children", "create table planted () inherits (posts)"},
		"a default grant":               {"no default grants", "alter default privileges in schema public grant select on tables to chimera_app"},
		"a view":                        {"no views", "create view planted as select * from posts"},
		"a materialized view":           {"no views", "create materialized view planted as select * from posts"},
		"a security definer":            {"no security definer", "create function planted() returns int language sql security definer as 'select 1'"},
		"a check on the path":           {"the path's columns are ruled by domains", "alter table tasks add check (attempt >= 0)"},
		"an audit that can be edited":   {"the audit is append-only", "grant update on audit_entries to chimera_app"},
		"an audit without its trigger":  {"the audit is append-only", "alter table audit_entries disable trigger append_only"},
	} {
		t.Run(name, func(t *testing.T) {
			tx, err := conn.Begin(t.Context())
			require.NoError(t, err)
			defer func() { require.NoError(t, tx.Rollback(context.Background())) }()
			_, err = tx.Exec(t.Context(), c.sql)
			require.NoError(t, err)
			require.Contains(t, broken(t, tx), c.rule)
		})
	}
	require.Empty(t, broken(t, conn))
}

func as(t *testing.T, owner, role string) string {
	t.Helper()
	at, err := url.Parse(owner)
	require.NoError(t, err)
	at.User = url.UserPassword(role, password)
	return at.String()
}

func TestOpenRefusesAnOpenDatabase(t *testing.T) {
	owner, conn := migrated(t)
	good := store.Options{AppURL: as(t, owner, "chimera_app"), SystemURL: as(t, owner, "chimera_system"), MaxConns: 2}
	s, err := store.Open(t.Context(), good)
	require.NoError(t, err)
	s.Close()

	superuser := good
	superuser.AppURL = owner
	_, err = store.Open(t.Context(), superuser)
	require.ErrorContains(t, err, "bypass row-level security")

	_, err = conn.Exec(t.Context(), "alter table posts no force row level security")
	require.NoError(t, err)
	_, err = store.Open(t.Context(), good)
	require.ErrorContains(t, err, "posts")
}
