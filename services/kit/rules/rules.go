// Package rules holds messages from outside to their contract. It names every broken rule of a small message, for people
// who fill in forms, and the first one of a large one: a message of 4 MiB can break a million rules, and naming
// them all took minutes and gigabytes.
package rules

import (
	"sync"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
)

// maxListed is the size in bytes up to which all broken rules are named. At two bytes for an empty text, that is about
// two thousand of them.
const maxListed = 4 << 10

// Validator is a protovalidate.Validator for bytes of any origin; the zero value is ready.
type Validator struct{}

var first = sync.OnceValues(func() (protovalidate.Validator, error) { return protovalidate.New(protovalidate.WithFailFast()) })

// Validate answers a *protovalidate.ValidationError when the message breaks its rules.
func (Validator) Validate(m proto.Message, options ...protovalidate.ValidationOption) error {
	if m == nil || len(options) == 0 && planOf(m.ProtoReflect().Descriptor()).proves(m.ProtoReflect()) {
		return nil
	}
	if proto.Size(m) <= maxListed {
		return protovalidate.Validate(m, options...)
	}
	v, err := first()
	if err != nil {
		return err
	}
	return v.Validate(m, options...)
}

// Check is Validate of the zero Validator.
func Check(m proto.Message) error { return Validator{}.Validate(m) }
