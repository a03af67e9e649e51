package world

import (
	"io"
	"net"
	"slices"
	"sync"
)

// front is what a Kubernetes Service is in the field: one address before the replicas. A connection goes to the
// next replica that accepts it, so a killed replica costs its own connections and nothing more.
type front struct {
	listener net.Listener
	mu       sync.Mutex
	backends []string
	next     int
}

func newFront(backends ...string) (*front, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &front{listener: l, backends: backends}
	go f.serve()
	return f, nil
}

func (f *front) URL() string { return "http://" + f.listener.Addr().String() }

func (f *front) serve() {
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		go f.forward(conn)
	}
}

func (f *front) forward(in net.Conn) {
	defer func() { _ = in.Close() }()
	out := f.dial()
	if out == nil {
		return
	}
	defer func() { _ = out.Close() }()
	ended := make(chan struct{}, 2)
	pipe := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		ended <- struct{}{}
	}
	go pipe(out, in)
	go pipe(in, out)
	// Either side's end ends both: a half that lives on would hide a killed replica from its client.
	<-ended
}

func (f *front) dial() net.Conn {
	f.mu.Lock()
	order := slices.Concat(f.backends[f.next:], f.backends[:f.next])
	f.next = (f.next + 1) % len(f.backends)
	f.mu.Unlock()
	for _, address := range order {
		if conn, err := net.Dial("tcp", address); err == nil {
			return conn
		}
	}
	return nil
}
