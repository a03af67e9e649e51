package spec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "chimera/gen/go/chimera/bus/v1"
	_ "chimera/gen/go/chimera/control/v1"
	_ "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
)

// ours are the descriptors of our own packages, by path.
func ours() (all []protoreflect.FileDescriptor) {
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(f.Package()), "chimera.") {
			all = append(all, f)
		}
		return true
	})
	slices.SortFunc(all, func(a, b protoreflect.FileDescriptor) int { return strings.Compare(a.Path(), b.Path()) })
	return all
}

func services() (all []protoreflect.ServiceDescriptor) {
	for _, f := range ours() {
		for i := range f.Services().Len() {
			all = append(all, f.Services().Get(i))
		}
	}
	return all
}

func methods(s protoreflect.ServiceDescriptor) (all []protoreflect.MethodDescriptor) {
	for i := range s.Methods().Len() {
		all = append(all, s.Methods().Get(i))
	}
	return all
}

func TestEveryRPCIsSpecified(t *testing.T) { // R16.1
	says := comments(t)
	var b strings.Builder
	for _, s := range services() {
		require.NotEmpty(t, says[string(s.FullName())], "%s has no comment", s.FullName())
		fmt.Fprintf(&b, "#### %s\n\n%s\n\n| RPC | request → response | permission | audit | what it does | errors of its own |\n|---|---|---|---|---|---|\n",
			s.FullName(), says[string(s.FullName())])
		for _, m := range methods(s) {
			require.NotEmpty(t, says[string(m.FullName())], "%s has no comment", m.FullName())
			permission, _ := proto.GetExtension(m.Options(), typev1.E_Permission).(typev1.Permission)
			audit, _ := proto.GetExtension(m.Options(), typev1.E_Audit).(typev1.AuditClass)
			fmt.Fprintf(&b, "| `%s` | `%s` → `%s` | %s | %s | %s | %s |\n", m.Name(), m.Input().Name(), m.Output().Name(),
				word(permission.String(), "PERMISSION_"), word(audit.String(), "AUDIT_CLASS_"), cell(says[string(m.FullName())]), reasons(t, m))
		}
		b.WriteString("\n")
	}
	holds(t, "rpcs", b.String())
}

func word(enum, prefix string) string { return strings.ToLower(strings.TrimPrefix(enum, prefix)) }

// cell fits a text into a table.
func cell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}

// reasons are what the request's shape leads to, and what ownErrors adds.
func reasons(t *testing.T, m protoreflect.MethodDescriptor) string {
	t.Helper()
	own, known := ownErrors[string(m.Parent().Name())+"."+string(m.Name())]
	require.True(t, known, "%s: say in ownErrors which errors it has of its own", m.FullName())
	var all []string
	fields := m.Input().Fields()
	for i := range fields.Len() {
		switch name := string(fields.Get(i).Name()); {
		case name == "state_version":
			all = append(all, "STALE_VERSION")
		case name == "idempotency_key":
			all = append(all, "IDEMPOTENCY_KEY_REUSED")
		case strings.HasSuffix(name, "_id") && !slices.Contains([]string{"request_id", "tenant_id", "worker_id", "object_id"}, name) && !strings.HasPrefix(string(m.Name()), "List"):
			all = append(all, "NOT_FOUND")
		}
	}
	all = append(all, own...)
	slices.Sort(all)
	all = slices.Compact(all)
	for _, r := range all {
		_, real := typev1.Reason_value["REASON_"+r]
		require.True(t, real, "%s: there is no reason %s", m.FullName(), r)
	}
	return strings.Join(all, ", ")
}

func TestBusMessagesAreSpecified(t *testing.T) { // R7.5–R7.7
	says := comments(t)
	var b strings.Builder
	for _, f := range ours() {
		if f.Package() != "chimera.bus.v1" {
			continue
		}
		for i := range f.Messages().Len() {
			m := f.Messages().Get(i)
			fmt.Fprintf(&b, "**%s.** %s\n\n| field | type | meaning |\n|---|---|---|\n", m.Name(), cell(says[string(m.FullName())]))
			for j := range m.Fields().Len() {
				x := m.Fields().Get(j)
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", x.Name(), typeOf(x), cell(says[string(x.FullName())]))
			}
			b.WriteString("\n")
		}
	}
	holds(t, "messages", b.String())
}

func typeOf(f protoreflect.FieldDescriptor) string {
	name := f.Kind().String()
	switch {
	case f.IsMap():
		return "map"
	case f.Message() != nil:
		name = string(f.Message().Name())
	case f.Enum() != nil:
		var values []string
		for i := range f.Enum().Values().Len() {
			if v := f.Enum().Values().Get(i); v.Number() != 0 {
				values = append(values, lastWord(string(v.Name()), string(f.Enum().Name())))
			}
		}
		name = strings.Join(values, " · ")
	}
	if f.IsList() {
		return "list of " + name
	}
	return name
}

// lastWord cuts an enum value's prefix, which is its enum's name in capitals.
func lastWord(value, enum string) string {
	var prefix strings.Builder
	for i, c := range enum {
		if i > 0 && c >= 'A' && c <= 'Z' {
			prefix.WriteByte('_')
		}
		prefix.WriteRune(c)
	}
	return word(value, strings.ToUpper(prefix.String())+"_")
}
