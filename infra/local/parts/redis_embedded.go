package parts

import (
	"context"
	"sync"

	"github.com/alicebob/miniredis/v2"
)

// embeddedNote is what a person must know before trusting the stand-in.
const embeddedNote = "embedded miniredis instead of Redis: in this process, data in memory only, no append-only file, " +
	"no eviction policy (CONFIG GET maxmemory-policy is unknown to it); for a first look, not for judging behaviour under failure"

// embeddedRedis is one start of the stand-in. Like Redis without an append-only file, it starts empty.
type embeddedRedis struct {
	server *miniredis.Miniredis
	once   sync.Once
	done   chan struct{}
}

func embedRedis(s *Server, port int, o RedisOptions) {
	s.Log, s.Note = "", embeddedNote
	o.say("redis: " + embeddedNote)
	s.launch = func(context.Context) (Run, error) {
		server := miniredis.NewMiniRedis()
		if o.Password != "" {
			server.RequireAuth(o.Password)
		}
		if err := server.StartAddr(address(port)); err != nil {
			return nil, err
		}
		return &embeddedRedis{server: server, done: make(chan struct{})}, nil
	}
}

func (e *embeddedRedis) PID() int              { return 0 }
func (e *embeddedRedis) Done() <-chan struct{} { return e.done }

func (e *embeddedRedis) Stop(context.Context) error { return e.Kill() }

func (e *embeddedRedis) Kill() error {
	e.once.Do(func() {
		e.server.Close()
		close(e.done)
	})
	return nil
}
