package bus

import (
	"slices"

	"github.com/ThreeDotsLabs/watermill/message"
)

// HandleWithout is Handle with one layer left out: a test that stays green with it proves nothing.
func HandleWithout[M Message](r *Router, q Queue[M], o Options, missing string, h Handler[M]) {
	o = o.withDefaults()
	layers := slices.DeleteFunc(r.chain(q.lane, o), func(l layer) bool { return l.name == missing })
	r.add(q.lane, o.Concurrency, layers, typed(r, q, h))
}

// Decoded is decode for the fuzzer.
func Decoded(values map[string]any) (*message.Message, error) { return unmarshal(values) }
