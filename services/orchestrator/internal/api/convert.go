package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	typev1 "chimera/gen/go/chimera/type/v1"
)

// Rows become API messages in this and the convert_*.go files, and nowhere else.

// A state's word in the database is its enum value without the enum's prefix, in lower case.
func enumOf[E ~int32](values map[string]int32, prefix, word string) E {
	return E(values[prefix+strings.ToUpper(word)])
}

// wordOf is "" for the unspecified value: no filter.
func wordOf[E interface {
	~int32
	fmt.Stringer
}](e E, prefix string) string {
	if e == 0 {
		return ""
	}
	return strings.ToLower(strings.TrimPrefix(e.String(), prefix))
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func stampIf(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}

func textIf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// fromJSON reads a column that holds protojson. Fields of a newer or older build are passed over.
func fromJSON[M proto.Message](raw json.RawMessage, into M) (M, error) {
	if len(raw) == 0 {
		return into, nil
	}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(raw, into); err != nil {
		return into, fmt.Errorf("stored %s: %w", into.ProtoReflect().Descriptor().Name(), err)
	}
	return into, nil
}

func errorInfo(raw json.RawMessage) (*typev1.ErrorInfo, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	return fromJSON(raw, &typev1.ErrorInfo{})
}

// each converts rows, and stops at the first that does not convert.
func each[R, M any](rows []R, convert func(R) (M, error)) ([]M, error) {
	out := make([]M, 0, len(rows))
	for _, r := range rows {
		m, err := convert(r)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func all[R, M any](rows []R, convert func(R) M) []M {
	out := make([]M, 0, len(rows))
	for _, r := range rows {
		out = append(out, convert(r))
	}
	return out
}
