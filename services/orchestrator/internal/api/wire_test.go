package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"connectrpc.com/grpcreflect"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	internalv1 "chimera/gen/go/chimera/control/v1"
	pb "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/api"
	"chimera/services/orchestrator/internal/api/apitest"
	"chimera/services/orchestrator/internal/store"
)

// TestKindsBecomeCodes goes over the wire: each kind from behind the API to what its caller gets.
func TestKindsBecomeCodes(t *testing.T) {
	b := apitest.Start(t)
	tenant := b.Seed("tenant-a")
	task := apitest.NewID()
	b.Write(tenant, func(ctx context.Context, tx *store.Tx) error {
		err := tx.TaskInsert(ctx, store.Task{
			ID: task, CampaignID: tenant.Campaign, AgentID: tenant.Agent, PlanVersion: 1, PersonaVersion: 1, Node: "recall", Kind: "read", Mode: "run", Tool: "memory.recall",
			State: "queued", SpecDigest: strings.Repeat("ab", 32), MaxAttempts: 3, TimeoutMS: 1000, NotBefore: tx.Now(), Arguments: []byte("{}"),
		}, nil)
		if err != nil {
			return err
		}
		var granted []store.Claimed
		tx.TasksClaim([]store.Asked{{ID: task, SpecDigest: strings.Repeat("ab", 32)}}, "worker-1", time.Minute, &granted)
		return nil
	})
	recall := func(epoch int64) apitest.Answer {
		return b.Call(b.Service("chimera-worker"), method(t, "WorkerService.Recall"), &internalv1.RecallRequest{TenantId: string(tenant.ID), TaskId: task, Epoch: epoch, Query: "coffee", Limit: 5}, "")
	}
	ok := recall(1)
	require.Equal(t, http.StatusOK, ok.Status, string(ok.Body))
	require.Contains(t, string(ok.Body), string(tenant.ID), "memory is asked for the task's tenant")
	require.Equal(t, "failed_precondition", recall(2).Code, "another epoch than the running one")

	for kind, want := range map[errs.Kind]string{
		errs.Invalid: "invalid_argument", errs.Unauthenticated: "unauthenticated", errs.Denied: "permission_denied", errs.NotFound: "not_found",
		errs.Conflict: "failed_precondition", errs.Throttled: "resource_exhausted", errs.Unavailable: "unavailable", errs.Timeout: "deadline_exceeded", errs.Cancelled: "canceled",
		errs.Unknown: "unknown", errs.Internal: "internal",
	} {
		b.Break(fmt.Errorf("ask memory: %w", errs.New(kind, typev1.Reason_REASON_MEMORY_DEGRADED, "a sentence for people").With("limit", "5").After(1500*time.Millisecond)))
		a := recall(1)
		require.Equal(t, want, a.Code, kind.String())
		require.Equal(t, typev1.Reason_REASON_MEMORY_DEGRADED, a.Info.GetReason())
		require.Equal(t, "a sentence for people", a.Message)
		require.Equal(t, "2", a.Header.Get("Retry-After"), "whole seconds, rounded up")
		require.Equal(t, 1500*time.Millisecond, a.Info.GetRetryAfter().AsDuration())
		require.NotContains(t, string(a.Body), "ask memory")
	}
	b.Break(context.DeadlineExceeded)
	require.Equal(t, "deadline_exceeded", recall(1).Code)
}

func TestReflectionListsBothAPIs(t *testing.T) {
	b := apitest.Start(t)
	h2c := &http.Transport{Protocols: new(http.Protocols)}
	h2c.Protocols.SetUnencryptedHTTP2(true)
	stream := grpcreflect.NewClient(&http.Client{Transport: h2c}, b.URL).NewStream(t.Context())
	defer func() { _, _ = stream.Close() }()
	services, err := stream.ListServices()
	require.NoError(t, err)
	want := map[protoreflect.FullName]bool{}
	for _, m := range append(methodsOf(platformPackage), methodsOf(internalPackage)...) {
		want[m.Parent().FullName()] = true
	}
	for _, s := range services {
		require.True(t, want[s], s)
	}
	require.Len(t, services, len(want))
}

// TestListenersAreApart: what people reach does not even know the inner API's paths, and the other way round.
func TestListenersAreApart(t *testing.T) {
	b := apitest.Start(t)
	people, err := api.PlatformHandler(b.Deps)
	require.NoError(t, err)
	services, err := api.InternalHandler(b.Deps)
	require.NoError(t, err)
	status := func(h http.Handler, m protoreflect.MethodDescriptor) int {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, apitest.Procedure(m), strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		if m.IsStreamingServer() {
			// A stream's refusal is its last message, after the status.
			r.Header.Set("Content-Type", "application/connect+json")
		}
		h.ServeHTTP(w, r)
		if strings.Contains(w.Body.String(), `"code":"unauthenticated"`) {
			return http.StatusUnauthorized
		}
		return w.Code
	}
	for _, m := range methodsOf(platformPackage) {
		require.Equal(t, http.StatusUnauthorized, status(people, m), m.FullName())
		require.Equal(t, http.StatusNotFound, status(services, m), m.FullName())
	}
	for _, m := range methodsOf(internalPackage) {
		require.Equal(t, http.StatusNotFound, status(people, m), m.FullName())
		require.Equal(t, http.StatusUnauthorized, status(services, m), m.FullName())
	}
}

// TestWordsOfTheDatabaseAreEnumValues: a state that the schema allows and the API cannot name would show as
// unspecified.
func TestWordsOfTheDatabaseAreEnumValues(t *testing.T) {
	files, err := filepath.Glob("../store/migrations/*.sql")
	require.NoError(t, err)
	var schema strings.Builder
	for _, f := range files {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		schema.Write(raw)
	}
	for column, enum := range map[string]struct {
		values map[string]int32
		prefix string
	}{
		"members.role": {pb.Role_value, "ROLE_"}, "accounts.health": {pb.AccountHealth_value, "ACCOUNT_HEALTH_"}, "stops.scope": {pb.StopScope_value, "STOP_SCOPE_"},
		"campaigns.state": {pb.CampaignState_value, "CAMPAIGN_STATE_"}, "tasks.state": {pb.TaskState_value, "TASK_STATE_"}, "reviews.state": {pb.ReviewState_value, "REVIEW_STATE_"},
		"effects.state": {pb.EffectState_value, "EFFECT_STATE_"}, "dead_letters.state": {pb.DeadLetterState_value, "DEAD_LETTER_STATE_"},
	} {
		table, name, _ := strings.Cut(column, ".")
		_, rest, found := strings.Cut(schema.String(), "create table "+table+" (")
		require.True(t, found, table)
		body, _, _ := strings.Cut(rest, "\n);")
		list := regexp.MustCompile(`\(` + name + ` in \(([^)]*)\)`).FindStringSubmatch(body)
		require.NotNil(t, list, column)
		words := regexp.MustCompile(`'([a-z_]+)'`).FindAllStringSubmatch(list[1], -1)
		require.Len(t, words, len(enum.values)-1, "%s: as many words as values but the unspecified", column)
		for _, w := range words {
			require.NotZero(t, enum.values[enum.prefix+strings.ToUpper(w[1])], "%s: %s", column, w[1])
		}
	}
}
