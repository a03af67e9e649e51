package supervise_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/demo/internal/supervise"
)

// The test binary is the small real process that the tests supervise, and a supervisor that is to be killed.
const roleEnv = "SUPERVISED_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleEnv) {
	case "":
		os.Exit(m.Run())
	case "server":
		serve()
	case "supervisor":
		supervisor()
	}
}

// serve answers on ADDR, and appends its name to JOURNAL when it is told to end, unless STUBBORN.
func serve() {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	listener, err := net.Listen("tcp", os.Getenv("ADDR"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
		_ = server.Serve(listener)
	}()
	for range ended {
		if os.Getenv("STUBBORN") == "" {
			break
		}
	}
	journal, err := os.OpenFile(os.Getenv("JOURNAL"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, _ = fmt.Fprintln(journal, os.Getenv("NAME"))
	}
}

func supervisor() {
	dir := os.Getenv("DIR")
	p := program(dir, "child", os.Getenv("ADDR"))
	s := supervise.New(func(string) {}, supervise.DefaultTiming())
	if err := p.Start(context.Background()); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	s.Keep(0, "child", p)
	fmt.Println(p.PID())
	select {}
}

func program(dir, name, address string, env ...string) *supervise.Program {
	return &supervise.Program{
		Name: name, Path: os.Args[0], Dir: dir, Log: filepath.Join(dir, name+".log"), Ready: "http://" + address + "/",
		Env: append([]string{roleEnv + "=server", "ADDR=" + address, "NAME=" + name, "JOURNAL=" + filepath.Join(dir, "journal")}, env...),
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

var quick = supervise.Timing{First: 20 * time.Millisecond, Most: 100 * time.Millisecond, Steady: time.Minute, Stop: 500 * time.Millisecond}

type told struct {
	mu    sync.Mutex
	lines []string
}

func (l *told) say(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *told) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

func answers(address string) bool {
	res, err := http.Get("http://" + address + "/")
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

func TestAKilledProcessIsStartedAgainAndThatIsSaid(t *testing.T) {
	address, said := freeAddress(t), &told{}
	p := program(t.TempDir(), "api", address)
	s := supervise.New(said.say, quick)
	require.NoError(t, p.Start(t.Context()))
	s.Keep(0, "api", p)
	first := p.PID()
	require.NoError(t, syscall.Kill(first, syscall.SIGKILL))
	require.Eventually(t, func() bool { pid := p.PID(); return pid != 0 && pid != first && answers(address) }, 10*time.Second, 20*time.Millisecond)
	require.Eventually(t, func() bool { return strings.Contains(said.all(), "api: runs again") }, 5*time.Second, 20*time.Millisecond)
	require.Contains(t, said.all(), "api: it ended; starting it again in 20ms")

	require.NoError(t, s.Stop(context.Background()))
	require.False(t, answers(address))
	require.Zero(t, p.PID(), "stopping is not a crash: nothing is started again")
}

func TestAProcessThatCannotStartIsTriedAgainMoreAndMoreSlowly(t *testing.T) {
	address, said := freeAddress(t), &told{}
	p := program(t.TempDir(), "api", address)
	s := supervise.New(said.say, quick)
	require.NoError(t, p.Start(t.Context()))
	p.Path = "/nonexistent"
	s.Keep(0, "api", p)
	require.NoError(t, syscall.Kill(p.PID(), syscall.SIGKILL))
	require.Eventually(t, func() bool { return strings.Count(said.all(), "starting it again in 100ms") >= 2 }, 10*time.Second, 10*time.Millisecond)
	require.Contains(t, said.all(), "starting it again in 40ms")
	require.NoError(t, s.Stop(context.Background()), "a service that is down cannot fail to stop")
}

func TestStagesStopFromTheHighestToTheLowest(t *testing.T) {
	dir := t.TempDir()
	s := supervise.New(func(string) {}, quick)
	for stage, name := range []string{"database", "api", "worker"} {
		p := program(dir, name, freeAddress(t))
		require.NoError(t, p.Start(t.Context()))
		s.Keep(stage, name, p)
	}
	require.NoError(t, s.Stop(context.Background()))
	journal, err := os.ReadFile(filepath.Join(dir, "journal"))
	require.NoError(t, err)
	require.Equal(t, "worker\napi\ndatabase\n", string(journal))
}

func TestAProcessThatDoesNotListenIsKilledInTimeAndTheRestStopsAllTheSame(t *testing.T) {
	dir := t.TempDir()
	s := supervise.New(func(string) {}, quick)
	deaf, good := program(dir, "deaf", freeAddress(t), "STUBBORN=1"), program(dir, "good", freeAddress(t))
	require.NoError(t, deaf.Start(t.Context()))
	require.NoError(t, good.Start(t.Context()))
	s.Keep(1, "deaf", deaf)
	s.Keep(0, "good", good)
	begin := time.Now()
	require.ErrorContains(t, s.Stop(context.Background()), "deaf")
	require.Less(t, time.Since(begin), 5*time.Second)
	require.Zero(t, deaf.PID())
	require.Zero(t, good.PID())
}

func TestAProgramThatEndsAtOnceQuotesItsLog(t *testing.T) {
	p := program(t.TempDir(), "api", "not an address")
	require.ErrorContains(t, p.Start(t.Context()), "ended at once")
	require.ErrorContains(t, p.Start(t.Context()), "address")
}

// kill -9 of the supervisor leaves no process behind.
func TestChildrenEndWithAKilledSupervisor(t *testing.T) {
	address := freeAddress(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"=supervisor", "DIR="+t.TempDir(), "ADDR="+address)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	child, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err, line)
	require.True(t, answers(address))
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	require.Eventually(t, func() bool { return !answers(address) }, 10*time.Second, 20*time.Millisecond, "pid %d lives on", child)
}
