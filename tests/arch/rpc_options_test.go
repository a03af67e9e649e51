package arch_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "chimera/gen/go/chimera/control/v1"
	_ "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
)

var (
	readName   = regexp.MustCompile(`^(Get|List|Verify|Watch|Export)[A-Z]`)
	servicePkg = protoreflect.FullName("chimera.internal.v1")
)

// TestEveryRPCSaysWhoMayCallItAndWhatIsAudited: R13.3, R14.3. The API refuses an RPC without a permission, so
// this fails at build time what would otherwise fail in use.
func TestEveryRPCSaysWhoMayCallItAndWhatIsAudited(t *testing.T) {
	seen := 0
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if f.Package() != servicePkg && f.Package() != "chimera.platform.v1" {
			if f.Package().Parent().Parent() == "chimera" && f.Services().Len() > 0 {
				t.Errorf("%s: services belong to platform.v1 or internal.v1", f.Path())
			}
			return true
		}
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				seen++
				for _, finding := range judge(methods.Get(j)) {
					t.Errorf("%s %s", methods.Get(j).FullName(), finding)
				}
			}
		}
		return true
	})
	require.GreaterOrEqual(t, seen, 55, "the descriptors are not linked in")
}

// judge answers what is wrong with a method's options.
func judge(m protoreflect.MethodDescriptor) []string {
	permission, _ := proto.GetExtension(m.Options(), typev1.E_Permission).(typev1.Permission)
	audit, _ := proto.GetExtension(m.Options(), typev1.E_Audit).(typev1.AuditClass)
	return findings(string(m.Name()), m.ParentFile().Package() == servicePkg, permission, audit)
}

func findings(name string, internal bool, permission typev1.Permission, audit typev1.AuditClass) []string {
	var found []string
	say := func(bad bool, what string) {
		if bad {
			found = append(found, what)
		}
	}
	service := permission == typev1.Permission_PERMISSION_WORKER || permission == typev1.Permission_PERMISSION_SKILL
	reads := readName.MatchString(name)
	say(permission == typev1.Permission_PERMISSION_UNSPECIFIED, "has no permission option")
	say(audit == typev1.AuditClass_AUDIT_CLASS_UNSPECIFIED, "has no audit option")
	say(service != internal && permission != typev1.Permission_PERMISSION_UNSPECIFIED, "gives a service's permission to people, or a person's to services")
	say(audit == typev1.AuditClass_AUDIT_CLASS_SERVICE && !internal, "is no service's, but audited as one")
	say(audit == typev1.AuditClass_AUDIT_CLASS_READ && !reads, "changes something by its name, but is audited as a read")
	say(!internal && reads && audit != typev1.AuditClass_AUDIT_CLASS_READ && audit != typev1.AuditClass_AUDIT_CLASS_UNSPECIFIED, "reads by its name, but is audited as a change")
	say(permission == typev1.Permission_PERMISSION_VIEW && !reads, "lets a viewer change something")
	return found
}

// TestTheRuleItself keeps the test above able to fail.
func TestTheRuleItself(t *testing.T) {
	const (
		view, operate, worker = typev1.Permission_PERMISSION_VIEW, typev1.Permission_PERMISSION_OPERATE, typev1.Permission_PERMISSION_WORKER
		read, change, service = typev1.AuditClass_AUDIT_CLASS_READ, typev1.AuditClass_AUDIT_CLASS_CHANGE, typev1.AuditClass_AUDIT_CLASS_SERVICE
	)
	require.Empty(t, findings("GetPost", false, view, read))
	require.Empty(t, findings("CreateAgent", false, operate, change))
	require.Empty(t, findings("ClaimTasks", true, worker, service))
	require.Len(t, findings("GetPost", false, 0, 0), 2)
	require.NotEmpty(t, findings("CreateAgent", false, operate, read))
	require.NotEmpty(t, findings("Getaway", false, operate, read))
	require.NotEmpty(t, findings("ListPosts", false, view, change))
	require.NotEmpty(t, findings("CreateAgent", false, view, change))
	require.NotEmpty(t, findings("ClaimTasks", true, operate, service))
	require.NotEmpty(t, findings("CreateAgent", false, worker, change))
	require.NotEmpty(t, findings("CreateAgent", false, operate, service))
}
