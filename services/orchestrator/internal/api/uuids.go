package api

import (
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// uuidsIn collects the ids in a message: every string whose validation rule is uuid, in lists and nested
// messages too; at most limit of them, each once.
func uuidsIn(msg proto.Message, limit int) []string {
	var ids []string
	seen := map[string]bool{}
	var walk func(m protoreflect.Message)
	take := func(id string) {
		if id != "" && !seen[id] && len(ids) < limit {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	walk = func(m protoreflect.Message) {
		m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			switch {
			case isUUID(fd) && fd.IsList():
				for i := range v.List().Len() {
					take(v.List().Get(i).String())
				}
			case isUUID(fd):
				take(v.String())
			case fd.IsMap() && fd.MapValue().Message() != nil:
				v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool { walk(v.Message()); return true })
			case fd.IsList() && fd.Message() != nil:
				for i := range v.List().Len() {
					walk(v.List().Get(i).Message())
				}
			case fd.Message() != nil && !fd.IsMap():
				walk(v.Message())
			}
			return len(ids) < limit
		})
	}
	walk(msg.ProtoReflect())
	return ids
}

func isUUID(fd protoreflect.FieldDescriptor) bool {
	if fd.Kind() != protoreflect.StringKind || fd.IsMap() {
		return false
	}
	rules, err := protovalidate.ResolveFieldRules(fd)
	if err != nil || rules == nil {
		return false
	}
	if fd.IsList() {
		return rules.GetRepeated().GetItems().GetString().GetUuid()
	}
	return rules.GetString().GetUuid()
}
