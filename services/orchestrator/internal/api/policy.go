package api

import (
	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// ranks order the roles; each holds what the ones below it hold (R13.3).
var ranks = map[string]int{"viewer": 1, "operator": 2, "reviewer": 3, "admin": 4}

var needs = map[typev1.Permission]int{
	typev1.Permission_PERMISSION_VIEW: ranks["viewer"], typev1.Permission_PERMISSION_OPERATE: ranks["operator"],
	typev1.Permission_PERMISSION_REVIEW: ranks["reviewer"], typev1.Permission_PERMISSION_ADMIN: ranks["admin"],
}

// permissionOf reads the method's own option; a method without one is UNSPECIFIED and refused.
func permissionOf(spec connect.Spec) typev1.Permission {
	method, ok := spec.Schema.(protoreflect.MethodDescriptor)
	if !ok {
		return typev1.Permission_PERMISSION_UNSPECIFIED
	}
	p, _ := proto.GetExtension(method.Options(), typev1.E_Permission).(typev1.Permission)
	return p
}

// allow decides by the caller's service or role alone. Anything not allowed below is refused.
func (c caller) allow(p typev1.Permission) error {
	denied := errs.New(errs.Denied, typev1.Reason_REASON_PERMISSION_DENIED, "you do not have the permission for this; ask an admin of the tenant")
	if !c.identity.Person() {
		if p != c.identity.Service {
			return denied
		}
		return nil
	}
	if p == typev1.Permission_PERMISSION_SELF {
		return nil
	}
	need, known := needs[p]
	switch {
	case !known:
		return denied
	case c.chosen == nil && len(c.memberships) > 1:
		return errs.Newf(errs.Denied, typev1.Reason_REASON_TENANT_REQUIRED, "you belong to several tenants: choose one with the header %s", TenantHeader)
	case c.chosen == nil || ranks[c.chosen.Role] < need:
		return denied
	}
	return nil
}
