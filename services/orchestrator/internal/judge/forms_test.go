package judge

import (
	"container/list"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFormsAreKeptWithinBounds: R12.3. A tenant may register any number of schemas; the last few are remembered, large ones not.
func TestFormsAreKeptWithinBounds(t *testing.T) {
	f := &forms{held: map[[sha256.Size]byte]*list.Element{}, order: list.New()}
	schema := func(n int) []byte {
		return fmt.Appendf(nil, `{"type":"object","properties":{"a":{"type":"integer","maximum":%d}}}`, n)
	}
	first := f.of(schema(0)).schema
	for n := range 3 * maxForms {
		require.NoError(t, f.of(schema(n)).err)
		require.Same(t, first, f.of(schema(0)).schema, "what is asked for stays")
	}
	require.Len(t, f.held, maxForms)
	require.Equal(t, maxForms, f.order.Len())
	require.NoError(t, f.of([]byte(`{"type":"object","description":"`+strings.Repeat("x", maxForm)+`"}`)).err)
	require.Len(t, f.held, maxForms)
	require.Error(t, f.of([]byte(`{"type":`)).err)
	require.Error(t, f.of([]byte(`{"type":`)).err, "a broken one stays broken")
}

// TestOneFormServesManyAtOnce: batches are judged side by side, and each output gets its own verdict.
func TestOneFormServesManyAtOnce(t *testing.T) {
	const schema = `{"type":"object","properties":{"n":{"$ref":"#/$defs/small"}},"$defs":{"small":{"type":"integer","maximum":9}}}`
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			for range 50 {
				err := validate([]byte(schema), fmt.Appendf(nil, `{"n":%d}`, n))
				if (err == nil) != (n <= 9) {
					t.Errorf("%d: %v", n, err)
				}
			}
		})
	}
	all.Wait()
}

// BenchmarkSchema is what holding one output against its tool's schema costs.
func BenchmarkSchema(b *testing.B) {
	schema := []byte(`{"type":"object","required":["ok"],"properties":{"ok":{"type":"boolean"},"text":{"type":"string"},"tags":{"type":["null","array"],"items":{"type":"string"}}},"additionalProperties":false}`)
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, validate(schema, []byte(`{"ok":true,"text":"x","tags":["a","b"]}`)))
	}
}
