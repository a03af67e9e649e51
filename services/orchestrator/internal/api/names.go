package api

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"chimera/services/orchestrator/internal/store"
)

// maxNames bounds the names read for one answer.
const maxNames = 4000

// named fills in what people call things, in every answer, by the fields' names: agent_name from agent_id,
// decided_by_name from decided_by. Names are read in one query for the whole answer, and are for reading only.
func (c *core) named() connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			resp, err := next(ctx, req)
			if err != nil || callerFrom(ctx).chosen == nil {
				return resp, err
			}
			if msg, ok := resp.Any().(proto.Message); ok {
				c.fillNames(ctx, msg)
			}
			return resp, nil
		}
	}
}

// blank is a field that wants the name of key.
type blank struct {
	msg   protoreflect.Message
	field protoreflect.FieldDescriptor
	key   string
}

// fillNames leaves names empty when they cannot be read: the answer itself is right without them.
func (c *core) fillNames(ctx context.Context, msgs ...proto.Message) {
	var blanks []blank
	for _, m := range msgs {
		blanks = collectBlanks(m.ProtoReflect(), blanks)
	}
	ids, subjects := map[string]bool{}, map[string]bool{}
	for _, b := range blanks {
		if uuid.Validate(b.key) == nil {
			ids[b.key] = true
		}
		// A subject may look like an id.
		subjects[b.key] = true
	}
	if len(blanks) == 0 {
		return
	}
	var names map[string]string
	err := c.Store.ReadByKey(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) (err error) {
		names, err = tx.Names(ctx, slices.Collect(maps.Keys(ids)), slices.Collect(maps.Keys(subjects)))
		return err
	})
	if err != nil {
		c.Log.WarnContext(ctx, "names not read", slog.Any("error", err))
		return
	}
	for _, b := range blanks {
		if name := names[b.key]; name != "" {
			b.msg.Set(b.field, protoreflect.ValueOfString(name))
		}
	}
}

func collectBlanks(m protoreflect.Message, found []blank) []blank {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		switch {
		case len(found) >= maxNames:
			return found
		case fd.IsMap():
		case fd.IsList() && fd.Message() != nil:
			for j := range m.Get(fd).List().Len() {
				found = collectBlanks(m.Get(fd).List().Get(j).Message(), found)
			}
		case fd.Message() != nil && m.Has(fd):
			found = collectBlanks(m.Get(fd).Message(), found)
		case fd.Kind() == protoreflect.StringKind && !fd.IsList() && !m.Has(fd):
			if of := namedBy(fields, fd); of != nil && m.Has(of) {
				found = append(found, blank{msg: m, field: fd, key: m.Get(of).String()})
			}
		}
	}
	return found
}

// namedBy is the field whose value fd names; nil when fd is no such name.
func namedBy(fields protoreflect.FieldDescriptors, fd protoreflect.FieldDescriptor) protoreflect.FieldDescriptor {
	base, ok := strings.CutSuffix(string(fd.Name()), "_name")
	if !ok {
		if base, ok = strings.CutSuffix(string(fd.Name()), "_handle"); !ok {
			return nil
		}
	}
	for _, name := range []string{base + "_id", base} {
		if of := fields.ByName(protoreflect.Name(name)); of != nil && of.Kind() == protoreflect.StringKind && !of.IsList() {
			return of
		}
	}
	return nil
}
