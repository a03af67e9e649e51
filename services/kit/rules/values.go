package rules

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
)

type check = func(protoreflect.Value) bool

// valueRules makes the check of a field's own value, or of one item of a list; nil if nothing is asked of it, ok=false for
// rules beyond these, or of another kind than the field.
func valueRules(fd protoreflect.FieldDescriptor, rules *validate.FieldRules, item bool) (c check, ok bool) {
	if !only(rules, "required", "ignore", "string", "bytes", "int32", "int64", "double", "enum", "repeated", "duration") {
		return nil, false
	}
	if only(rules, "required", "ignore") {
		return nil, true
	}
	if fd.IsList() && !item {
		return listRules(fd, rules.GetRepeated())
	}
	switch fd.Kind() {
	case protoreflect.StringKind:
		return stringRules(rules.GetString())
	case protoreflect.BytesKind:
		return bytesRules(rules.GetBytes())
	case protoreflect.Int32Kind:
		r := rules.GetInt32()
		return between(r.HasGte(), int64(r.GetGte()), r.HasLte(), int64(r.GetLte()), r)
	case protoreflect.Int64Kind:
		r := rules.GetInt64()
		return between(r.HasGte(), r.GetGte(), r.HasLte(), r.GetLte(), r)
	case protoreflect.DoubleKind:
		return doubleRules(rules.GetDouble())
	case protoreflect.EnumKind:
		return enumRules(fd, rules.GetEnum())
	case protoreflect.MessageKind:
		return durationRules(rules.GetDuration())
	}
	return nil, false
}

func between(low bool, least int64, high bool, most int64, r proto.Message) (check, bool) {
	if !low {
		least = math.MinInt64
	}
	if !high {
		most = math.MaxInt64
	}
	// Bounds the wrong way round mean the values outside them.
	return func(v protoreflect.Value) bool { return v.Int() >= least && v.Int() <= most }, only(r, "gte", "lte") && (low || high) && least <= most
}

// doubleRules knows a closed range: within it a number is finite, whether that is asked or not.
func doubleRules(r *validate.DoubleRules) (check, bool) {
	least, most := r.GetGte(), r.GetLte()
	return func(v protoreflect.Value) bool { return v.Float() >= least && v.Float() <= most },
		only(r, "gte", "lte", "finite") && r.HasGte() && r.HasLte() && least <= most
}

func stringRules(r *validate.StringRules) (check, bool) {
	if r == nil || !only(r, "min_len", "max_len", "pattern", "uuid") || r.HasUuid() && !r.GetUuid() {
		return nil, false
	}
	least, most := int(min(r.GetMinLen(), math.MaxInt32)), math.MaxInt32
	if r.HasMaxLen() {
		most = int(min(r.GetMaxLen(), math.MaxInt32))
	}
	form := func(string) bool { return true }
	if r.HasPattern() {
		if form = byHand[r.GetPattern()]; form == nil {
			pattern, err := regexp.Compile(r.GetPattern())
			if err != nil {
				return nil, false
			}
			form = pattern.MatchString
		}
	}
	mustUUID := r.GetUuid()
	return func(v protoreflect.Value) bool {
		s := v.String()
		n := len(s)
		// Characters are counted only where bytes do not settle it.
		if n > most || least > 1 {
			n = utf8.RuneCountInString(s)
		}
		return n >= least && n <= most && (!mustUUID || isUUID(s)) && form(s)
	}, true
}

// byHand are the contracts' patterns that every task is held against, without the stack and the time of a regular expression.
var byHand = map[string]func(string) bool{
	"^[0-9a-f]{64}$": isDigest,
	"^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$": func(s string) bool {
		skill, tool, ok := strings.Cut(s, ".")
		return ok && isName(skill) && isName(tool)
	},
}

func isDigest(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 64
}

func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (i == 0 || (c < '0' || c > '9') && c != '_') {
			return false
		}
	}
	return s != ""
}

// isUUID is the library's ^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$.
func isUUID(s string) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	digits := 0
	for i := range len(s) {
		if c := s[i]; c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
			digits++
		}
	}
	return digits == 32
}

func bytesRules(r *validate.BytesRules) (check, bool) {
	least, most := r.GetMinLen(), uint64(math.MaxUint64)
	if r.HasMaxLen() {
		most = r.GetMaxLen()
	}
	if r.HasLen() {
		least, most = max(least, r.GetLen()), min(most, r.GetLen())
	}
	return func(v protoreflect.Value) bool { n := uint64(len(v.Bytes())); return n >= least && n <= most }, r != nil && only(r, "min_len", "max_len", "len")
}

func enumRules(fd protoreflect.FieldDescriptor, r *validate.EnumRules) (check, bool) {
	values := fd.Enum().Values()
	known := make([]bool, 0, 32) // by number; the rest is left to the library
	for i := range values.Len() {
		if n := int(values.Get(i).Number()); n >= 0 && n < cap(known) {
			known = append(known, make([]bool, max(0, n+1-len(known)))...)
			known[n] = !slices.Contains(r.GetNotIn(), int32(n))
		}
	}
	return func(v protoreflect.Value) bool { n := int(v.Enum()); return n >= 0 && n < len(known) && known[n] }, r != nil && only(r, "defined_only", "not_in")
}

func listRules(fd protoreflect.FieldDescriptor, r *validate.RepeatedRules) (check, bool) {
	var item check
	if items := r.GetItems(); items != nil {
		var ok bool
		if item, ok = valueRules(fd, items, true); !ok || items.HasRequired() || items.HasIgnore() {
			return nil, false
		}
	}
	least, most := r.GetMinItems(), uint64(math.MaxUint64)
	if r.HasMaxItems() {
		most = r.GetMaxItems()
	}
	return func(v protoreflect.Value) bool {
		list := v.List()
		n := list.Len()
		if uint64(n) < least || uint64(n) > most {
			return false
		}
		for i := 0; item != nil && i < n; i++ {
			if !item(list.Get(i)) {
				return false
			}
		}
		return true
	}, r != nil && only(r, "min_items", "max_items", "items")
}

// farSeconds is less than what fits an int64 of nanoseconds; what is longer is left to the library.
const farSeconds = 1 << 33

func durationRules(r *validate.DurationRules) (check, bool) {
	if r == nil || !only(r, "gt", "gte", "lte") || r.HasGt() && r.HasGte() {
		return nil, false
	}
	least, most := int64(math.MinInt64), int64(math.MaxInt64)
	switch {
	case r.HasGte():
		least = int64(r.GetGte().AsDuration())
	case r.HasGt():
		least = int64(r.GetGt().AsDuration()) + 1
	}
	if r.HasLte() {
		most = int64(r.GetLte().AsDuration())
	}
	return func(v protoreflect.Value) bool {
		d, ok := v.Message().Interface().(*durationpb.Duration)
		if !ok || !d.IsValid() || d.GetSeconds() < -farSeconds || d.GetSeconds() > farSeconds {
			return false
		}
		n := int64(d.AsDuration())
		return n >= least && n <= most
	}, least <= most
}
