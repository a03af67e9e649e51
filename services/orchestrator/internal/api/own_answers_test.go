package api_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"chimera/services/orchestrator/internal/api"
	"chimera/services/orchestrator/internal/api/apitest"
)

// names are the words by which a tenant would be known in somebody else's answer.
func names(tenant apitest.Tenant) (all []string) {
	for _, s := range reflect.ValueOf(tenant).Fields() {
		if s.Kind() == reflect.String && len(s.String()) == len(apitest.NewID()) {
			all = append(all, s.String())
		}
	}
	return append(all, "at-"+tenant.Slug)
}

// TestAnswersHoldNobodyElses calls every RPC as each role's tenant without naming anything foreign (R9.4): what comes back,
// page after page, holds nothing by which another tenant is known.
func TestAnswersHoldNobodyElses(t *testing.T) {
	b := apitest.Start(t)
	a, other := b.Seed("tenant-a"), b.Seed("tenant-b")
	foreign := names(other)
	require.Greater(t, len(foreign), 12)
	answered, bytes := 0, 0
	for _, m := range methodsOf(platformPackage) {
		name := string(m.Parent().Name()) + "." + string(m.Name())
		if api.Endless(apitest.Procedure(m)) {
			continue // ends with its deadline; what it says is hints of the caller's tenant (FuzzHint)
		}
		req, ok := requests(a)[name]
		if !ok {
			req = empty(t, m)
		}
		answer := b.Call(b.Member(a, "admin"), m, req, "")
		said := string(answer.Body)
		for _, part := range answer.Messages {
			said += string(part)
		}
		if answer.Code == "" {
			answered++
			bytes += len(said)
		}
		for _, word := range foreign {
			require.False(t, strings.Contains(said, word), "%s tells tenant-a of %s", name, word)
		}
	}
	require.Greater(t, answered, 25, "RPCs that answered at all")
	t.Logf("own answers: %d RPCs answered, %d bytes, nothing of the other tenant in them", answered, bytes)
	// Planted: the same look finds the tenant's own names where they belong.
	own := b.Call(b.Member(other, "admin"), method(t, "AgentService.ListAgents"), empty(t, method(t, "AgentService.ListAgents")), "")
	require.Contains(t, string(own.Body), other.Agent)
}

func empty(t *testing.T, m protoreflect.MethodDescriptor) proto.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(m.Input().FullName())
	require.NoError(t, err)
	return kind.New().Interface()
}
