package bus_test

import (
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/internal/bus"
	"chimera/services/internal/bus/bustest"
	"chimera/services/kit/errs"
)

// go-redis on its defaults repeats a plain XADD whose reply was lost and reports success: two entries. Our
// MULTI is not repeated, and MaxRetries holds the same for whatever replaces it.
func TestLostReplyIsAnErrorAndOneEntry(t *testing.T) {
	address, tenant := bustest.URL(t), bustest.Tenant()
	var cut atomic.Bool
	b := bustest.Open(t, cutting(t, address, &cut))
	publish(t, b, bustest.Task(tenant))
	e, err := bus.Tasks.Envelope(t.Context(), bustest.Task(tenant))
	require.NoError(t, err)
	cut.Store(true)
	require.Equal(t, errs.Unavailable, errs.KindOf(b.Publish(t.Context(), e)))
	require.Equal(t, int64(2), bustest.Length(t, address, tenant, "task"))
	require.NoError(t, b.Publish(t.Context(), e), "the next one gets a new connection")
}

// cutting stands before a server and, once armed, loses one reply and its connection.
func cutting(t *testing.T, address string, cut *atomic.Bool) string {
	t.Helper()
	target, err := url.Parse(address)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target.Host)
			if err != nil {
				_ = client.Close()
				return
			}
			go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
			go func() {
				defer client.Close()
				buffer := make([]byte, 64<<10)
				for {
					n, err := server.Read(buffer)
					if err != nil || cut.CompareAndSwap(true, false) {
						return
					}
					if _, err := client.Write(buffer[:n]); err != nil {
						return
					}
				}
			}()
		}
	}()
	through := *target
	through.Host = listener.Addr().String()
	return through.String()
}
