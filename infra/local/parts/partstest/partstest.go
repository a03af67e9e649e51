// Package partstest gives Go tests the real parts. Each comes from an address in the environment, else
// it is started once per test binary on loopback: PostgreSQL, Redis and Weaviate in containers where a Docker
// engine answers (CHIMERA_TEST_CONTAINERS: 1 demands that, 0 forbids it), everything else as a child process. A part that cannot be had skips the test, and fails it
// where CI=true. Every package that uses it needs
//
//	func TestMain(m *testing.M) { partstest.Main(m) }
package partstest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"

	"chimera/infra/local/parts"
)

// startWait bounds getting a part: an install, then a start.
const startWait = 10 * time.Minute

var state struct {
	sync.Mutex
	root    string    // "" until Main runs
	started []stopper // in order of starting
	// containers by the folder of their part
	containers map[string]testcontainers.Container
}

type stopper interface {
	Stop(ctx context.Context) error
}

// Main runs the tests, then stops what they started and deletes its data. A test binary that is killed
// takes its parts with it (they die with their parent), and the next run deletes its folder.
func Main(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	configureContainers()
	sweep()
	sweepContainers()
	root, release, err := newRoot()
	if err != nil {
		fmt.Fprintln(os.Stderr, "partstest:", err)
		return 1
	}
	state.root = root
	defer func() {
		stopAll()
		_ = os.RemoveAll(root)
		release()
	}()
	return m.Run()
}

func stopAll() {
	state.Lock()
	started := state.started
	state.started = nil
	folders := slices.Collect(maps.Keys(state.containers))
	state.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, server := range slices.Backward(started) {
		if err := server.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "partstest:", err)
		}
	}
	for _, dir := range folders {
		if err := discard(dir); err != nil {
			fmt.Fprintln(os.Stderr, "partstest:", err)
		}
	}
}

// Dir makes a folder for one part's data, which the account that PostgreSQL runs as under root can reach;
// it is deleted when Main ends.
func Dir(t testing.TB, name string) string {
	t.Helper()
	state.Lock()
	defer state.Unlock()
	if state.root == "" {
		t.Fatal("partstest needs: func TestMain(m *testing.M) { partstest.Main(m) }")
	}
	path, err := os.MkdirTemp(state.root, name+"-")
	if err != nil {
		t.Fatalf("partstest: %v", err)
	}
	// MkdirTemp closes it to the account that PostgreSQL runs as under root.
	if err := os.Chmod(path, 0o711); err != nil {
		t.Fatalf("partstest: %v", err)
	}
	return path
}

// shared is one part per test binary; what went wrong the first time is told to every test that asks.
type shared[S stopper] struct {
	once   sync.Once
	server S
	err    error
}

func (s *shared[S]) get(t testing.TB, name string, start func(context.Context, parts.Options) (S, error)) S {
	t.Helper()
	s.once.Do(func() {
		options := optionsFor(t, name)
		ctx, cancel := context.WithTimeout(context.Background(), startWait)
		defer cancel()
		if s.server, s.err = start(ctx, options); s.err != nil {
			return
		}
		state.Lock()
		state.started = append(state.started, s.server)
		state.Unlock()
	})
	if s.err != nil {
		missing(t, name, s.err)
	}
	return s.server
}

// exclusive starts a part for one test, which may kill or empty it; it is stopped and deleted after.
func exclusive[S stopper](t testing.TB, name string, start func(context.Context, parts.Options) (S, error)) S {
	t.Helper()
	return exclusiveIn(t, optionsFor(t, name), name, start)
}

// exclusiveIn is exclusive in a folder that was made for it.
func exclusiveIn[S stopper](t testing.TB, options parts.Options, name string, start func(context.Context, parts.Options) (S, error)) S {
	t.Helper()
	server, err := tryExclusive(t, options, start)
	if err != nil {
		missing(t, name, err)
	}
	return server
}

func tryExclusive[S stopper](t testing.TB, options parts.Options, start func(context.Context, parts.Options) (S, error)) (S, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startWait)
	defer cancel()
	server, err := start(ctx, options)
	if err != nil {
		return server, err
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Errorf("partstest: %v", err)
		}
		if err := discard(options.Dir); err != nil {
			t.Errorf("partstest: %v", err)
		}
		_ = os.RemoveAll(options.Dir)
	})
	return server, nil
}

func optionsFor(t testing.TB, name string) parts.Options {
	t.Helper()
	say := func(line string) { fmt.Fprintln(os.Stderr, "partstest:", filepath.Base(name)+":", line) }
	return parts.Options{Dir: Dir(t, name), Say: say}
}

// missing ends the test. Only a part that is not on the machine may skip it: one that is there and does not
// start is a failure everywhere.
func missing(t testing.TB, name string, err error) {
	t.Helper()
	if !errors.Is(err, parts.ErrAbsent) {
		t.Fatal(err.Error())
	}
	if os.Getenv("CI") == "true" && !optional(name) {
		t.Fatalf("needed in CI: %v", err)
	}
	t.Skip(err.Error())
}
