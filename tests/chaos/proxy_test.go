package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// network stands between the processes and their parts, and can be slow, silent or cut.
type network struct {
	t       *testing.T
	server  *toxiproxy.ApiServer
	mu      sync.Mutex
	proxies map[string]*toxiproxy.Proxy
}

func newNetwork(t *testing.T) *network {
	n := &network{t: t, server: toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop()), proxies: map[string]*toxiproxy.Proxy{}}
	t.Cleanup(func() {
		for _, p := range n.proxies {
			p.Stop()
		}
	})
	return n
}

// through is for world.Setup: one proxy per part, made when it is first asked for.
func (n *network) through(part, address string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.proxies[part]
	if p == nil {
		p = toxiproxy.NewProxy(n.server, part, "127.0.0.1:0", address)
		require.NoError(n.t, p.Start())
		n.proxies[part] = p
	}
	return p.Listen
}

// cut refuses connections to a part and ends those there are, as a dead machine does; heal brings it back.
func (n *network) cut(part string) {
	n.proxies[part].Stop()
}

// silence lets nothing through any more, and tells nobody: what a partition looks like from both sides.
func (n *network) silence(part string) {
	n.toxic(part, "timeout", "upstream", map[string]any{"timeout": 0})
	n.toxic(part, "timeout", "downstream", map[string]any{"timeout": 0})
}

// slow holds every answer of a part back.
func (n *network) slow(part string, ms int) {
	n.toxic(part, "latency", "downstream", map[string]any{"latency": ms})
}

func (n *network) toxic(part, kind, stream string, attributes map[string]any) {
	raw, err := json.Marshal(map[string]any{"name": fmt.Sprintf("%s-%s", kind, stream), "type": kind, "stream": stream, "attributes": attributes})
	require.NoError(n.t, err)
	_, err = n.proxies[part].Toxics.AddToxicJson(strings.NewReader(string(raw)))
	require.NoError(n.t, err)
}

func (n *network) heal(part string) {
	p := n.proxies[part]
	p.Toxics.ResetToxics(context.Background())
	if !p.Enabled {
		require.NoError(n.t, p.Start())
	}
}
