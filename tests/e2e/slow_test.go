package e2e_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// slowReport is how a port did beside clients that never finish.
type slowReport struct {
	clients, cut, accepted, honest int
	slowest                        time.Duration
}

// The server gives a header 5 s and a body 30 s; a client that is still there after this holds on for ever.
const slowPatience = 45 * time.Second

// slowClients opens connections that trickle (slowloris) and calls honestly beside them. stop waits until the server has
// got rid of all of them.
func slowClients(t *testing.T, l listener) (stop func() slowReport) {
	t.Helper()
	request := "POST " + l.procedure + " HTTP/1.1\r\nHost: " + l.address + "\r\nContent-Type: application/json\r\n"
	kinds := []struct {
		count       int
		first, drip string
	}{
		{150, "", ""}, // says nothing
		{150, request + "X-Slow: ", "a"},
		{50, request, "X-Slow: a\r\n"},
		{100, request + "Content-Length: 100000\r\n\r\n", " "}, // has no token
		{100, request + "Authorization: Bearer " + l.token + "\r\nContent-Length: 100000\r\n\r\n{", " "}, // has one
	}
	var cut, accepted, clients atomic.Int64
	var wg sync.WaitGroup
	for _, k := range kinds {
		for range k.count {
			clients.Add(1)
			wg.Go(func() {
				ended, ok := trickle(l.address, k.first, k.drip)
				if ended {
					cut.Add(1)
				}
				if ok {
					accepted.Add(1)
				}
			})
		}
	}
	quit, honest := make(chan struct{}), make(chan slowReport, 1)
	go func() { honest <- callBeside(t, l, quit) }()
	return func() slowReport {
		wg.Wait()
		close(quit)
		r := <-honest
		r.clients, r.cut, r.accepted = int(clients.Load()), int(cut.Load()), int(accepted.Load())
		return r
	}
}

// trickle sends drip four times a second until the server ends the connection; ok is whether it said 200.
func trickle(address, first, drip string) (ended, ok bool) {
	conn, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return true, false
	}
	defer func() { _ = conn.Close() }()
	_, _ = conn.Write([]byte(first))
	over := make(chan bool, 1)
	go func() {
		_ = conn.SetReadDeadline(time.Now().Add(slowPatience))
		r := bufio.NewReader(conn)
		line, err := r.ReadString('\n')
		for err == nil {
			_, err = r.ReadString('\n')
		}
		ok = strings.HasPrefix(line, "HTTP/1.1 200")
		var late net.Error
		over <- !errors.As(err, &late) || !late.Timeout()
	}()
	for {
		select {
		case ended = <-over:
			return ended, ok
		case <-time.After(250 * time.Millisecond):
			_, _ = conn.Write([]byte(drip))
		}
	}
}

// callBeside is somebody honest at the same port, several times a second, each on a connection of their own.
func callBeside(t *testing.T, l listener, quit <-chan struct{}) (r slowReport) {
	for {
		select {
		case <-quit:
			return r
		case <-time.After(200 * time.Millisecond):
		}
		began := time.Now()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.address+l.procedure, strings.NewReader(l.honest))
		if err != nil {
			return r
		}
		req.Header.Set("Authorization", "Bearer "+l.token)
		req.Header.Set("Content-Type", "application/json")
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			r.slowest = max(r.slowest, slowPatience) // an honest call that fails is worse than a slow one
			continue
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			r.slowest = max(r.slowest, slowPatience)
			t.Log(fmt.Sprint("an honest call was answered with ", res.StatusCode))
		}
		r.honest++
		r.slowest = max(r.slowest, time.Since(began))
	}
}
