package rules

import (
	"slices"
	"sync"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// plan is what a message must show to be known as valid without asking protovalidate, which needs some six times
// as long and a deep stack. It knows the rules that the path's messages use and no other: a message with a rule beyond
// them, or that fails here, is judged by protovalidate alone, so a plan can save time but never decide against the contract.
type plan struct {
	// unknown: there is a rule here that a plan does not know.
	unknown bool
	fields  []fieldPlan
}

type fieldPlan struct {
	field    protoreflect.FieldDescriptor
	required bool
	// optional: the rules hold only for a value that is set.
	optional bool
	// message: one message, whose absence its value tells.
	message bool
	// holds is asked of the value; nil of a message without rules of its own.
	holds func(protoreflect.Value) bool
	// nested is the plan of the field's messages; nil if it has none.
	nested *plan
}

var plans = struct {
	sync.RWMutex
	of map[protoreflect.MessageDescriptor]*plan
}{of: map[protoreflect.MessageDescriptor]*plan{}}

func planOf(d protoreflect.MessageDescriptor) *plan {
	plans.RLock()
	p := plans.of[d]
	plans.RUnlock()
	if p != nil {
		return p
	}
	plans.Lock()
	defer plans.Unlock()
	// Not kept before it is whole: another goroutine must never see half a plan.
	made := map[protoreflect.MessageDescriptor]*plan{}
	p = makePlan(d, made)
	for d, p := range made {
		if plans.of[d] == nil {
			plans.of[d] = p
		}
	}
	return p
}

func makePlan(d protoreflect.MessageDescriptor, made map[protoreflect.MessageDescriptor]*plan) *plan {
	if p := made[d]; p != nil {
		return p
	}
	p := &plan{}
	made[d] = p
	own, err := protovalidate.ResolveMessageRules(d)
	p.unknown = err != nil || own != nil
	for i := range d.Oneofs().Len() {
		rules, err := protovalidate.ResolveOneofRules(d.Oneofs().Get(i))
		p.unknown = p.unknown || err != nil || rules != nil
	}
	for i := range d.Fields().Len() {
		f, ok := planField(d.Fields().Get(i), made)
		p.unknown = p.unknown || !ok
		if f.required || f.holds != nil || f.nested != nil {
			p.fields = append(p.fields, f)
		}
	}
	return p
}

// planField answers ok=false for what it does not know.
func planField(fd protoreflect.FieldDescriptor, made map[protoreflect.MessageDescriptor]*plan) (f fieldPlan, ok bool) {
	rules, err := protovalidate.ResolveFieldRules(fd)
	ignore := rules.GetIgnore()
	if err != nil || fd.IsMap() || (ignore != validate.Ignore_IGNORE_UNSPECIFIED && ignore != validate.Ignore_IGNORE_IF_ZERO_VALUE) {
		return f, false
	}
	f = fieldPlan{
		field: fd, required: rules.GetRequired(), message: fd.Message() != nil && !fd.IsList(),
		optional: fd.HasPresence() || ignore == validate.Ignore_IGNORE_IF_ZERO_VALUE,
	}
	if f.holds, ok = valueRules(fd, rules, false); !ok {
		return f, false
	}
	// An empty list keeps every rule but that on its length, and asking for it costs a list.
	f.optional = f.optional || fd.IsList() && rules.GetRepeated().GetMinItems() == 0
	if m := fd.Message(); m != nil {
		f.nested = makePlan(m, made)
		// What well-known types mean to rules goes beyond their fields; of these two the path knows all there is.
		if m.ParentFile().Package() == "google.protobuf" {
			f.nested = nil
			return f, m.FullName() == "google.protobuf.Timestamp" || m.FullName() == "google.protobuf.Duration"
		}
	}
	return f, true
}

// only says that nothing but the fields named is set in m, rules of later editions and extensions included.
func only(m proto.Message, names ...protoreflect.Name) bool {
	r := m.ProtoReflect()
	known := len(r.GetUnknown()) == 0
	r.Range(func(fd protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		known = known && !fd.IsExtension() && slices.Contains(names, fd.Name())
		return known
	})
	return known
}

// proves says that m surely keeps its rules; false says nothing.
func (p *plan) proves(m protoreflect.Message) bool {
	if p.unknown {
		return false
	}
	for i := range p.fields {
		f := &p.fields[i]
		if (f.required || f.optional) && !f.message && !m.Has(f.field) {
			if f.required {
				return false
			}
			continue
		}
		v := m.Get(f.field)
		if f.message && !v.Message().IsValid() {
			if f.required {
				return false
			}
			continue
		}
		if f.holds != nil && !f.holds(v) || f.nested != nil && !f.nestedHold(v) {
			return false
		}
	}
	return true
}

func (f *fieldPlan) nestedHold(v protoreflect.Value) bool {
	if !f.field.IsList() {
		return f.nested.proves(v.Message())
	}
	list := v.List()
	for i := range list.Len() {
		if !f.nested.proves(list.Get(i).Message()) {
			return false
		}
	}
	return true
}
