package bus_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"chimera/services/internal/bus"
	"chimera/services/internal/bus/bustest"
	"chimera/services/kit/rules"
)

// BenchmarkCheck is what holding one message of the path to its rules costs.
func BenchmarkCheck(b *testing.B) {
	for name, m := range map[string]proto.Message{"task": bustest.Task(bustest.Tenant()), "result": bustest.Result(bustest.Tenant())} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if rules.Check(m) != nil {
					b.Fatal()
				}
			}
		})
	}
}

// BenchmarkEnvelope is what making one message ready to go costs.
func BenchmarkEnvelope(b *testing.B) {
	m := bustest.Result(bustest.Tenant())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bus.Results.Envelope(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}
