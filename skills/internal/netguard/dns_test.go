package netguard

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

// zone is what the test's own name server answers. Nothing here needs the network.
var zone = map[string][]string{
	"public.test.":   {"93.184.216.34"},
	"inside.test.":   {"127.0.0.1"},
	"inside6.test.":  {"::1"},
	"metadata.test.": {"169.254.169.254"},
	"mapped.test.":   {"::ffff:127.0.0.1"},
	"both.test.":     {"10.255.255.1", "127.0.0.1"},
	"localhost.":     {"127.0.0.1", "::1"},
}

// newResolver asks a name server on loopback, which also knows rebind.test: public when first asked, inside from then on.
func newResolver(t *testing.T) *net.Resolver {
	t.Helper()
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = pc.Close() })
	var asked atomic.Int64
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			if out := answerDNS(buf[:n], &asked); out != nil {
				_, _ = pc.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp4", pc.LocalAddr().String())
	}}
}

func answerDNS(query []byte, asked *atomic.Int64) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	name := strings.ToLower(q.Name.String())
	addrs, known := zone[name]
	if name == "rebind.test." {
		addrs, known = []string{"127.0.0.1"}, true
		if q.Type == dnsmessage.TypeA && asked.Add(1) == 1 {
			addrs = zone["public.test."]
		}
	}
	m.Response, m.RecursionAvailable, m.RCode, m.Additionals = true, true, dnsmessage.RCodeSuccess, nil
	if !known {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, a := range addrs {
		ip := netip.MustParseAddr(a)
		head := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 0}
		switch {
		case ip.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}})
		case ip.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}

// rebound takes the first look at rebind.test, the one a guard that checks names before dialling would take.
func rebound(t *testing.T, r *net.Resolver) {
	t.Helper()
	seen, err := r.LookupNetIP(context.Background(), "ip", "rebind.test")
	require.NoError(t, err)
	for _, ip := range seen {
		require.True(t, isPublic(ip), "the first look finds nothing wrong: %s", ip)
	}
}

// What counts is the address that is dialled, not the one that was looked at.
func TestRebindingIsJudgedAtDialTime(t *testing.T) {
	tg := newTarget(t)
	r := newResolver(t)
	rebound(t, r)
	require.Error(t, fetch(newClient(Policy{Resolver: r}, []string{tg.port}, refuseNonPublic), "http://rebind.test:"+tg.port+"/"))
	require.Zero(t, tg.touched.Load())

	off := func(string, string, syscall.RawConn) error { return nil }
	_ = fetch(newClient(Policy{Resolver: r}, []string{tg.port}, off), "http://rebind.test:"+tg.port+"/")
	require.Positive(t, tg.touched.Load(), "planted bug: a guard that only looked before would have let it in")
}
