package api_test

import (
	"fmt"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// places are where a request can name something of another tenant (decision 0060).
var places = []string{"top level", "nested", "list", "page token", "idempotency key"}

// matrix counts the cases of each RPC and place.
type matrix map[protoreflect.FullName]map[string]int

func (x matrix) add(m protoreflect.MethodDescriptor, place string) {
	if x[m.FullName()] == nil {
		x[m.FullName()] = map[string]int{}
	}
	x[m.FullName()][place]++
}

// settle holds the cases against the contract, read a second time and by other marks: rules instead of names. It
// answers the cells there are, and those that were tried.
func (x matrix) settle(t *testing.T, methods []protoreflect.MethodDescriptor) {
	t.Helper()
	tried, cases := 0, 0
	for _, m := range methods {
		want := map[string]int{}
		census(m.Input(), "top level", 0, want)
		for _, place := range places {
			require.Equal(t, want[place], x[m.FullName()][place], "%s: cases at %s", m.FullName(), place)
			if cases += want[place]; want[place] > 0 {
				tried++
			}
		}
	}
	cells := len(methods) * len(places)
	t.Logf("isolation: %d RPCs × %d places = %d cells: %d tried with %d cases, %d have no such place in their message", len(methods), len(places), cells, tried, cases, cells-tried)
}

// census counts what another tenant's name could stand in: strings that must be UUIDs, page tokens and keys.
func census(md protoreflect.MessageDescriptor, place string, depth int, found map[string]int) {
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		here := place
		switch {
		case fd.IsList():
			here = "list"
		case depth > 0 && place != "list":
			here = "nested"
		}
		switch {
		case fd.Name() == "page_token":
			found["page token"]++
		case fd.Name() == "idempotency_key":
			found["idempotency key"]++
		case mustBeUUID(fd):
			found[here]++
		case fd.Message() != nil && depth < 4:
			census(fd.Message(), here, depth+1, found)
		}
	}
}

func mustBeUUID(fd protoreflect.FieldDescriptor) bool {
	rules, err := protovalidate.ResolveFieldRules(fd)
	return err == nil && fd.Kind() == protoreflect.StringKind && (rules.GetString().GetUuid() || rules.GetRepeated().GetItems().GetString().GetUuid())
}

// place is which of the five a position is.
func (p position) place() string {
	for _, fd := range p.path {
		if fd.IsList() {
			return "list"
		}
	}
	if len(p.path) > 1 {
		return "nested"
	}
	return "top level"
}

// The planted bugs: a case that is missing, and one for a place that the contract does not have, are both seen.
func TestMatrixMissesNothing(t *testing.T) {
	m := method(t, "CampaignService.CreateCampaign")
	want := map[string]int{}
	census(m.Input(), "top level", 0, want)
	require.Equal(t, map[string]int{"top level": 1, "list": 1, "idempotency key": 1}, want)
	byName := map[string]int{}
	for _, p := range positions(m.Input(), nil, 0) {
		byName[p.place()]++
	}
	require.Equal(t, map[string]int{"top level": 1, "list": 1}, byName)
	claim := map[string]int{}
	census(method(t, "WorkerService.ClaimTasks").Input(), "top level", 0, claim)
	require.Equal(t, map[string]int{"list": 2}, claim)
	for _, lost := range []matrix{{}, {m.FullName(): {"top level": 1, "list": 1}}, {m.FullName(): {"top level": 2, "list": 1, "idempotency key": 1}}} {
		require.False(t, quietly(func(t *testing.T) { lost.settle(t, []protoreflect.MethodDescriptor{m}) }), fmt.Sprint(lost))
	}
	require.True(t, quietly(func(t *testing.T) {
		matrix{m.FullName(): want}.settle(t, []protoreflect.MethodDescriptor{m})
	}), strings.Join(places, ", "))
}

// quietly runs what may fail and answers whether it passed.
func quietly(fn func(t *testing.T)) bool {
	inner := &testing.T{}
	ended := make(chan struct{})
	go func() { defer close(ended); fn(inner) }()
	<-ended
	return !inner.Failed()
}
