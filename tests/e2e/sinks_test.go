package e2e_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/tests/internal/world"
)

// sinks are all the places where a secret could come to rest, by kind. Each answers its texts under the name of where
// exactly; a kind that answers nothing proves nothing, and fails.
func sinks(w *world.World, refusals []string, static string) map[string]func(t *testing.T, look func(where string, text []byte)) {
	type collect = func(t *testing.T, look func(where string, text []byte))
	folder := func(skip string, dirs ...string) collect {
		return func(t *testing.T, look func(string, []byte)) {
			for _, dir := range dirs {
				files(t, dir, skip, look)
			}
		}
	}
	all := map[string]collect{
		"logs of the processes": folder("", filepath.Join(w.Dir, "logs")),
		"logs of the parts":     func(t *testing.T, look func(string, []byte)) { partLogs(t, w, look) },
		"traces":                folder("", filepath.Join(w.Dir, "traces")),
		"audit checkpoints":     folder("", filepath.Join(w.Dir, "checkpoints")),
		"Redis' files":          folder(".conf", w.Redis.Dir), // the server's own configuration holds its password by design
		"Redis":                 func(t *testing.T, look func(string, []byte)) { keys(t, w, look) },
		"Postgres":              func(t *testing.T, look func(string, []byte)) { tables(t, w, look) },
		"metrics":               func(t *testing.T, look func(string, []byte)) { allMetrics(t, w, look) },
		"errors of RPCs":        func(_ *testing.T, look func(string, []byte)) { look("refusals", []byte(strings.Join(refusals, "\n"))) },
		"answers of RPCs":       func(t *testing.T, look func(string, []byte)) { answers(t, w, look) },
		"the audit's export":    func(t *testing.T, look func(string, []byte)) { export(t, w, look) },
		"dead letters":          func(t *testing.T, look func(string, []byte)) { letters(t, w, look) },
		"command lines":         func(t *testing.T, look func(string, []byte)) { ofProcesses(t, w, "cmdline", look) },
		"environments": func(t *testing.T, look func(string, []byte)) {
			ofProcesses(t, w, "environ", func(where string, text []byte) { look(where, withoutOwn(text)) })
		},
		"the Platform's pages": func(t *testing.T, look func(string, []byte)) { pages(t, w, static, look) },
		"what platforms were sent": func(t *testing.T, look func(string, []byte)) {
			look("the sandbox's requests", encoded(t, w.Sandbox.Requests(t)))
		},
	}
	if w.Weaviate != nil {
		all["Weaviate"] = func(t *testing.T, look func(string, []byte)) { memories(t, w, look) }
	}
	return all
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return raw
}

func files(t *testing.T, dir, skip string, look func(where string, text []byte)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || (skip != "" && filepath.Ext(path) == skip) {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil && len(raw) > 0 {
			n++
			look(path, raw)
		}
		return err
	})
	require.NoError(t, err)
	require.NotZero(t, n, dir)
}

func partLogs(t *testing.T, w *world.World, look func(where string, text []byte)) {
	t.Helper()
	n := 0
	logs := []string{w.Postgres.Log, w.Redis.Log, w.OIDC.Log}
	if w.Weaviate != nil {
		logs = append(logs, w.Weaviate.Log)
	}
	for _, path := range logs {
		if raw, err := os.ReadFile(path); err == nil && len(raw) > 0 {
			n++
			look(path, raw)
		}
	}
	require.GreaterOrEqual(t, n, 2, "parts that log")
}

// keys reads all that Redis holds just now; its files have what it held.
func keys(t *testing.T, w *world.World, look func(where string, text []byte)) {
	t.Helper()
	names, err := w.Streams.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	look("names of keys", []byte(strings.Join(append(names, "-"), "\n")))
	for _, name := range names {
		raw, err := w.Streams.Dump(t.Context(), name).Result()
		if err == nil {
			look(name, []byte(raw))
		}
		if entries, err := w.Streams.XRange(t.Context(), name, "-", "+").Result(); err == nil {
			look(name, []byte(fmt.Sprint(entries)+"-"))
		}
	}
}

// tables reads every row of every table as text, past row-level security; bytea comes as hex, which is looked for too.
func tables(t *testing.T, w *world.World, look func(where string, text []byte)) {
	t.Helper()
	names := world.Column[string](t, w.Database, `select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`)
	require.Greater(t, len(names), 15)
	for _, name := range names {
		var all strings.Builder
		all.WriteString(name + "\n")
		rows, err := w.Database.Query(context.Background(), "select t::text from "+name+" t")
		require.NoError(t, err)
		for rows.Next() {
			var row string
			require.NoError(t, rows.Scan(&row))
			all.WriteString(row + "\n")
		}
		require.NoError(t, rows.Err())
		look(name, []byte(all.String()))
	}
}

func allMetrics(t *testing.T, w *world.World, look func(where string, text []byte)) {
	t.Helper()
	for _, name := range w.Processes() {
		look(name, metricsOf(t, w, name))
	}
}

func metricsOf(t *testing.T, w *world.World, name string) []byte {
	t.Helper()
	res, err := http.Get(w.Ops(name) + "/metrics")
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(t, http.StatusOK, res.StatusCode)
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return raw
}

// answers asks both tenants' admins for all there is to read: every Get and List of the contract, over objects that exist.
func answers(t *testing.T, w *world.World, look func(where string, text []byte)) {
	t.Helper()
	answered := 0
	for person, tenant := range map[string]string{"ada": "aurora", "boris": "borealis"} {
		objects := map[string][]string{}
		for field, table := range map[string]string{"agent_id": "agents", "account_id": "accounts", "campaign_id": "campaigns", "task_id": "tasks", "review_id": "reviews", "post_id": "posts"} {
			objects[field] = world.Column[string](t, w.Database, "select id::text from "+table+" where tenant_id = $1 order by id desc limit 3", w.Tenants[tenant])
		}
		files := platformv1.File_chimera_platform_v1_agent_service_proto.Package()
		for _, m := range reading(files) {
			for _, body := range bodies(m, objects) {
				raw, ok := ask(t, w, person, m, body)
				look(string(m.FullName()), raw)
				if ok {
					answered++
				}
			}
		}
	}
	require.Greater(t, answered, 40, "answers that were read")
}

// bodies asks for nothing in particular, or once for each object that the message can name.
func bodies(m protoreflect.MethodDescriptor, objects map[string][]string) (all []map[string]any) {
	fields := m.Input().Fields()
	base := map[string]any{}
	if fields.ByName("from") != nil && fields.ByName("to") != nil {
		base["from"], base["to"] = time.Now().Add(-24*time.Hour).Format(time.RFC3339), time.Now().Add(24*time.Hour).Format(time.RFC3339)
	}
	if fields.ByName("page_size") != nil {
		base["pageSize"] = 200
	}
	for field, ids := range objects {
		fd := fields.ByName(protoreflect.Name(field))
		if fd == nil || strings.HasPrefix(string(m.Name()), "List") && fields.Len() > 2 {
			continue
		}
		for _, id := range ids {
			one := map[string]any{fd.JSONName(): id}
			maps.Copy(one, base)
			all = append(all, one)
		}
	}
	return append(all, base)
}

func ask(t *testing.T, w *world.World, person string, m protoreflect.MethodDescriptor, body map[string]any) (raw []byte, ok bool) {
	t.Helper()
	message, content := encoded(t, body), "application/json"
	if m.IsStreamingServer() {
		message, content = append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...), "application/connect+json"
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // a stream that goes on is read for this long
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.PublicURL()+"/"+string(m.Parent().FullName())+"/"+string(m.Name()), bytes.NewReader(message))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+w.Token(person))
	req.Header.Set("Content-Type", content)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	raw, _ = io.ReadAll(res.Body)
	return append([]byte(fmt.Sprint(res.Header)), raw...), res.StatusCode == http.StatusOK
}

func export(t *testing.T, w *world.World, look func(where string, text []byte)) {
	t.Helper()
	m := platformv1.File_chimera_platform_v1_audit_service_proto.Services().ByName("AuditService").Methods().ByName("ExportAudit")
	raw, ok := ask(t, w, "ada", m, map[string]any{})
	require.True(t, ok)
	require.Greater(t, len(raw), 10_000, "an export with entries in it: %.300s", raw)
	look("aurora", raw)
}

func letters(t *testing.T, w *world.World, look func(where string, text []byte)) {
	t.Helper()
	list, err := w.As("ada").ListDeadLetters(t.Context(), &platformv1.ListDeadLettersRequest{PageSize: 50})
	require.NoError(t, err)
	require.NotEmpty(t, list.GetLetters())
	for _, l := range list.GetLetters() {
		one, err := w.As("ada").GetDeadLetter(t.Context(), &platformv1.GetDeadLetterRequest{LetterId: l.GetId()})
		require.NoError(t, err)
		look(l.GetId(), append(one.GetRaw(), encoded(t, one)...))
	}
}
