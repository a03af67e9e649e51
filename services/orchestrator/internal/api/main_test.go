package api_test

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	internalv1 "chimera/gen/go/chimera/control/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/infra/local/parts/partstest"
)

func TestMain(m *testing.M) { partstest.Main(m) }

// methodsOf lists every RPC of a proto package, from the descriptors that are linked in.
func methodsOf(pkg protoreflect.FullName) []protoreflect.MethodDescriptor {
	var all []protoreflect.MethodDescriptor
	protoregistry.GlobalFiles.RangeFilesByPackage(pkg, func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			for j := range f.Services().Get(i).Methods().Len() {
				all = append(all, f.Services().Get(i).Methods().Get(j))
			}
		}
		return true
	})
	slices.SortFunc(all, func(a, b protoreflect.MethodDescriptor) int {
		if a.FullName() < b.FullName() {
			return -1
		}
		return 1
	})
	return all
}

var (
	platformPackage = (&platformv1.Agent{}).ProtoReflect().Descriptor().ParentFile().Package()
	internalPackage = (&internalv1.ClaimItem{}).ProtoReflect().Descriptor().ParentFile().Package()
)

func permission(m protoreflect.MethodDescriptor) typev1.Permission {
	p, _ := proto.GetExtension(m.Options(), typev1.E_Permission).(typev1.Permission)
	return p
}

// method finds one RPC of platform.v1 by "Service.Method".
func method(t *testing.T, name string) protoreflect.MethodDescriptor {
	t.Helper()
	for _, m := range append(methodsOf(platformPackage), methodsOf(internalPackage)...) {
		if string(m.Parent().Name())+"."+string(m.Name()) == name {
			return m
		}
	}
	t.Fatalf("no RPC %s", name)
	return nil
}
