package boot_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/boot"
	"chimera/services/kit/secret"
)

type server struct {
	url  string
	addr string
	stop context.CancelFunc
	done chan error
}

func serve(t *testing.T, h http.HandlerFunc) server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	s := server{"http://" + ln.Addr().String(), ln.Addr().String(), cancel, make(chan error, 1)}
	log := boot.Logger(io.Discard, slog.LevelError, "test", &secret.Set{})
	go func() { s.done <- boot.ServeListener(ctx, log, ln, h) }()
	return s
}

func TestServeDrains(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		close(started)
		<-boot.Draining(r.Context())
		<-release
		if r.Context().Err() == nil {
			_, _ = io.WriteString(w, "finished")
		}
	})
	body := make(chan string, 1)
	go func() {
		res, err := http.Get(s.url)
		if err != nil {
			body <- err.Error()
			return
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		body <- string(b)
	}()
	<-started
	s.stop()
	require.Eventually(t, func() bool { _, err := net.DialTimeout("tcp", s.addr, time.Second); return err != nil }, 5*time.Second, 10*time.Millisecond, "nothing new is accepted")
	close(release)
	require.Equal(t, "finished", <-body)
	require.NoError(t, <-s.done)
}

func TestServeSpeaksBothProtocols(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) })
	h2 := &http.Transport{Protocols: new(http.Protocols)}
	h2.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(h2.CloseIdleConnections)
	for want, rt := range map[string]http.RoundTripper{"HTTP/1.1": http.DefaultTransport, "HTTP/2.0": h2} {
		res, err := (&http.Client{Transport: rt}).Get(s.url)
		require.NoError(t, err)
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, want, string(b))
	}
}

func TestServeRefusesHugeHeaders(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	for size, want := range map[int]int{4 << 10: 200, 64 << 10: 431} {
		req, err := http.NewRequest(http.MethodGet, s.url, nil)
		require.NoError(t, err)
		req.Header.Set("X-Big", strings.Repeat("a", size))
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, want, res.StatusCode, "%d bytes", size)
	}
}

// A client that opens a connection and never finishes its header is cut off after 5 s.
func TestServeCutsSlowHeaders(t *testing.T) {
	t.Parallel()
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	c, err := net.Dial("tcp", s.addr)
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n")
	require.NoError(t, err)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(9*time.Second)))
	begin := time.Now()
	_, err = bufio.NewReader(c).ReadString(0)
	require.ErrorIs(t, err, io.EOF, "closed by the server, not our own deadline")
	require.Greater(t, time.Since(begin), 4*time.Second)
}

func TestServeSaysWhyItCannotListen(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	require.ErrorContains(t, boot.Serve(context.Background(), slog.New(slog.DiscardHandler), ln.Addr().String(), http.NotFoundHandler()), "in use")
}

func TestOpsTellsTheTruth(t *testing.T) { // R12.2
	var err error
	release := make(chan struct{})
	ops := boot.Ops(func(context.Context) error {
		if errors.Is(err, errHangs) {
			<-release
		}
		return err
	})
	get := func(path string) (int, string) {
		rec := httptest.NewRecorder()
		ops.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		return rec.Code, rec.Body.String()
	}
	code, _ := get("/readyz")
	require.Equal(t, 200, code)

	err = errors.New("postgres://u:hunter2@db: connection refused")
	code, body := get("/readyz")
	require.Equal(t, 503, code)
	require.Contains(t, body, "connection refused")
	require.NotContains(t, body, "hunter2")
	code, _ = get("/healthz")
	require.Equal(t, 200, code, "alive while not ready")

	err = errHangs
	begin := time.Now()
	code, body = get("/readyz")
	require.Equal(t, 503, code)
	require.Contains(t, body, "did not answer")
	require.Less(t, time.Since(begin), 4*time.Second)
	code, body = get("/readyz")
	require.Equal(t, 503, code)
	require.Contains(t, body, "earlier", "a hanging check is asked once, not once per probe")
	close(release)

	code, body = get("/metrics")
	require.Equal(t, 200, code)
	require.Contains(t, body, "go_goroutines")
}

var errHangs = errors.New("hangs")
