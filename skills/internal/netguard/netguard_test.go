package netguard

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// target is the inside that nobody may reach: it counts connections, on both loopbacks.
type target struct {
	port    string
	touched atomic.Int64
}

func newTarget(t *testing.T) *target {
	t.Helper()
	tg := &target{}
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	_, tg.port, _ = net.SplitHostPort(ln.Addr().String())
	lns := []net.Listener{ln}
	if six, err := net.Listen("tcp6", "[::1]:"+tg.port); err == nil {
		lns = append(lns, six)
	}
	for _, ln := range lns {
		t.Cleanup(func() { _ = ln.Close() })
		go func() {
			for {
				c, err := ln.Accept()
				if err != nil {
					return
				}
				tg.touched.Add(1)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\ninside")
				_ = c.Close()
			}
		}()
	}
	return tg
}

// hostile are ways to the inside; P is the port of the target, which the test's client is allowed to use so
// that the port rule alone cannot save it.
var hostile = []string{
	// loopback, spelled in many ways
	"http://127.0.0.1:P/", "http://127.0.0.1.:P/", "http://127.1:P/", "http://127.0.1:P/", "http://127.0.0.2:P/", "http://127.255.255.254:P/",
	"http://2130706433:P/", "http://0x7f000001:P/", "http://0x7F.0.0.1:P/", "http://0x7f.1:P/", "http://017700000001:P/", "http://0177.0.0.1:P/", "http://0177.0.0.01:P/",
	"http://127.0.0.0x1:P/", "http://00000177.1:P/", "http://127.000.000.001:P/", "http://4294967297:P/", "http://127.0.0.1%00:P/", "http://%31%32%37.0.0.1:P/",
	"http://１２７.０.０.１:P/", "http://①②⑦.⓪.⓪.①:P/", "http://127。0。0。1:P/",
	"http://0.0.0.0:P/", "http://0:P/", "http://0.1:P/", "http://[::]:P/", "http://[::1]:P/", "http://[0:0:0:0:0:0:0:1]:P/", "http://[::1%25lo]:P/",
	"http://[::ffff:127.0.0.1]:P/", "http://[::ffff:7f00:1]:P/", "http://[0:0:0:0:0:ffff:127.0.0.1]:P/", "http://[::127.0.0.1]:P/", "http://[::ffff:0:127.0.0.1]:P/",
	"http://[64:ff9b::127.0.0.1]:P/", "http://[64:ff9b::7f00:1]:P/", "http://[64:ff9b:1::127.0.0.1]:P/", "http://[2002:7f00:1::]:P/", "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]:P/",
	// private, link-local, shared, multicast, reserved
	"http://10.0.0.1:P/", "http://172.16.0.1:P/", "http://172.31.255.255:P/", "http://192.168.1.1:P/", "http://169.254.169.254:P/latest/meta-data/", "http://2852039166:P/",
	"http://0xA9FEA9FE:P/", "http://100.64.0.1:P/", "http://100.100.100.200:P/", "http://192.0.0.192:P/", "http://198.18.0.1:P/", "http://224.0.0.1:P/", "http://255.255.255.255:P/", "http://240.0.0.1:P/",
	"http://[fe80::1]:P/", "http://[fc00::1]:P/", "http://[fd00:ec2::254]:P/", "http://[ff02::1]:P/", "http://[64:ff9b::a9fe:a9fe]:P/", "http://[2002:a9fe:a9fe::1]:P/", "http://[2001:db8::1]:P/", "http://[100::1]:P/",
	// userinfo
	"http://example.com@127.0.0.1:P/", "http://user:pass@public.test:P/", "http://public.test%40@127.0.0.1:P/", "http://@127.0.0.1:P/",
	// names that resolve inside (see dns_test.go)
	"http://localhost:P/", "http://LOCALHOST:P/", "http://localhost.:P/", "http://inside.test:P/", "http://inside6.test:P/", "http://metadata.test:P/", "http://mapped.test:P/", "http://both.test:P/", "http://rebind.test:P/",
	// ports and schemes
	"http://127.0.0.1:22/", "http://public.test:6379/", "http://public.test:25/", "https://public.test:8443/", "http://public.test:0/", "http://public.test:65536/",
	"ftp://127.0.0.1:P/", "gopher://127.0.0.1:P/_x", "file:///etc/passwd", "dict://127.0.0.1:P/", "unix:///run/x.sock", "data:text/plain,x", "javascript:alert(1)", "jar:http://127.0.0.1:P!/", "//127.0.0.1:P/", "127.0.0.1:P", "http:127.0.0.1:P", "http:///127.0.0.1:P", "HTTP://127.0.0.1:P/", "http://", "",
}

func fetch(c *http.Client, url string) error {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

func TestHostileAddressesNeverConnect(t *testing.T) {
	tg := newTarget(t)
	resolver := newResolver(t)
	rebound(t, resolver)
	p := Policy{Timeout: time.Second, Resolver: resolver}
	c := newClient(p, []string{"80", "443", tg.port}, refuseNonPublic)
	require.GreaterOrEqual(t, len(hostile), 60)
	t.Cleanup(func() { t.Logf("%d hostile addresses, %d connections", len(hostile), tg.touched.Load()) })
	for _, u := range hostile {
		t.Run(u, func(t *testing.T) {
			err := fetch(c, strings.ReplaceAll(u, ":P", ":"+tg.port))
			require.Error(t, err)
			require.Zero(t, tg.touched.Load())
		})
	}
}

// The typed reason survives url.Error and net.OpError.
func TestRefusalIsTyped(t *testing.T) {
	c := Client(Policy{Timeout: time.Second, Resolver: newResolver(t)})
	for _, u := range []string{"http://127.0.0.1/", "http://[::1]/", "http://inside.test/", "http://u@inside.test/", "ftp://public.test/", "http://public.test:22/", "http://0x7f000001/"} {
		err := fetch(c, u)
		require.Equal(t, typev1.Reason_REASON_ADDRESS_REFUSED, errs.ReasonOf(err), "%s: %v", u, err)
		require.Equal(t, errs.Denied, errs.KindOf(err))
	}
}

// Planted bug: with the guard at dial time gone, the same addresses do reach the inside. So the test above can fail.
func TestWithoutGuardTheInsideIsTouched(t *testing.T) {
	tg := newTarget(t)
	off := func(string, string, syscall.RawConn) error { return nil }
	c := newClient(Policy{Timeout: time.Second, Resolver: newResolver(t)}, []string{tg.port}, off)
	for _, u := range []string{"http://127.0.0.1:P/", "http://0.0.0.0:P/", "http://[::ffff:127.0.0.1]:P/", "http://localhost:P/", "http://inside.test:P/", "http://mapped.test:P/", "http://１２７.０.０.１:P/"} {
		before := tg.touched.Load()
		_ = fetch(c, strings.ReplaceAll(u, ":P", ":"+tg.port))
		require.Greater(t, tg.touched.Load(), before, u)
	}
}

func TestRedirectsAreJudgedPerHop(t *testing.T) {
	tg := newTarget(t)
	mux := http.NewServeMux()
	front := httptest.NewServer(mux)
	defer front.Close()
	self := strings.TrimPrefix(front.URL, "http://")
	for path, to := range map[string]string{
		"/direct": "http://127.0.0.1:" + tg.port + "/", "/name": "http://localhost:" + tg.port + "/", "/v6": "http://[::ffff:127.0.0.1]:" + tg.port + "/",
		"/two": "/direct", "/three": "/two", "/user": "http://a:b@" + self + "/end", "/scheme": "ftp://" + self + "/", "/loop": "/loop",
		"/5": "/4", "/4": "/3", "/3": "/2", "/2": "/1", "/1": "/end", "/6": "/5",
	} {
		mux.Handle(path, http.RedirectHandler(to, http.StatusFound))
	}
	mux.HandleFunc("/end", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	p := Policy{AllowHostPorts: []string{self}, Timeout: 2 * time.Second, Resolver: newResolver(t)}
	c := newClient(p, []string{"80", "443", tg.port}, refuseNonPublic)
	for _, path := range []string{"/direct", "/name", "/v6", "/two", "/three", "/user", "/scheme", "/loop", "/6"} {
		require.Equal(t, typev1.Reason_REASON_ADDRESS_REFUSED, errs.ReasonOf(fetch(c, front.URL+path)), path)
	}
	require.NoError(t, fetch(c, front.URL+"/5"), "five redirects are followed")
	require.Zero(t, tg.touched.Load())

	off := newClient(p, []string{tg.port}, func(string, string, syscall.RawConn) error { return nil })
	_ = fetch(off, front.URL+"/three")
	require.Positive(t, tg.touched.Load(), "planted bug: without the guard the chain ends inside")
}

func TestProxyFromEnvironmentIsIgnored(t *testing.T) {
	tg := newTarget(t)
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:"+tg.port)
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:"+tg.port)
	require.Error(t, fetch(Client(Policy{Timeout: time.Second, Resolver: newResolver(t)}), "http://inside.test/"))
	require.Zero(t, tg.touched.Load())
}

func TestExceptionIsExact(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "feed") }))
	defer srv.Close()
	self := strings.TrimPrefix(srv.URL, "http://")
	_, port, _ := net.SplitHostPort(self)
	c := Client(Policy{AllowHostPorts: []string{self}, Timeout: time.Second, Resolver: newResolver(t)})
	require.NoError(t, fetch(c, srv.URL))
	for _, u := range []string{"http://localhost:" + port, "http://127.0.0.2:" + port, "http://127.0.0.1:" + port + "0", "http://u:p@" + self, "http://[::ffff:127.0.0.1]:" + port} {
		require.Error(t, fetch(c, u), u)
	}
}

func TestBodyIsBounded(t *testing.T) {
	const limit = 1000
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		_, _ = fmt.Sscan(r.URL.Query().Get("n"), &n)
		switch r.URL.Path {
		case "/gzip": // small on the wire, large inside
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write(make([]byte, n))
			_ = z.Close()
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(b.Bytes())
		case "/chunked":
			w.(http.Flusher).Flush()
			fallthrough
		default:
			_, _ = w.Write(make([]byte, n))
		}
	}))
	defer srv.Close()
	c := Client(Policy{AllowHostPorts: []string{strings.TrimPrefix(srv.URL, "http://")}, MaxBytes: limit})
	for _, path := range []string{"/plain", "/chunked", "/gzip"} {
		require.NoError(t, fetch(c, fmt.Sprintf("%s%s?n=%d", srv.URL, path, limit)), path)
		require.Equal(t, typev1.Reason_REASON_TOO_LARGE, errs.ReasonOf(fetch(c, fmt.Sprintf("%s%s?n=%d", srv.URL, path, limit+1))), path)
	}
}

func TestTimeoutBoundsAHangingServer(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-release
	}))
	defer srv.Close()
	defer close(release)
	begin := time.Now()
	err := fetch(Client(Policy{AllowHostPorts: []string{strings.TrimPrefix(srv.URL, "http://")}, Timeout: 200 * time.Millisecond}), srv.URL)
	require.Equal(t, errs.Timeout, errs.KindOf(err), "%v", err)
	require.Less(t, time.Since(begin), 3*time.Second)
}

func TestPublicAddresses(t *testing.T) {
	for _, a := range []string{"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"} {
		require.True(t, isPublic(netip.MustParseAddr(a)), a)
	}
	require.False(t, isPublic(netip.Addr{}))
	require.Error(t, refuseNonPublic("udp", "1.1.1.1:80", nil))
	require.NoError(t, refuseNonPublic("tcp4", "1.1.1.1:80", nil))
	require.Error(t, refuseNonPublic("tcp4", "not an address", nil))
}
