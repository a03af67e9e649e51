package toolbox

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	stopAfter = 3 * time.Second
	// maxLogLine bounds one line of a stdio skill's log.
	maxLogLine = 16 << 10
)

// process is a skill that runs as a child and speaks MCP on its standard input and output.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.ReadCloser
	once   sync.Once
	err    error
}

func start(a Address, environ []string, log *slog.Logger) (*process, error) {
	cmd := exec.Command(a.Program, "--stdio") //nolint:noctx // it lives as long as the toolbox, not as a call; Close ends it
	cmd.Env = environment(a.Name, environ)
	// Its own group, so that children it forks end with it. No death signal: that follows the thread that
	// forked, which may end before the worker; when the worker dies, the end of its input tells the skill.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p := &process{cmd: cmd}
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.stdout, err = cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go forward(stderr, log.With("skill", a.Name))
	return p, nil
}

// forward passes a skill's log lines on through the worker's own, secret-scanning logger.
func forward(r io.Reader, log *slog.Logger) {
	lines := bufio.NewReaderSize(r, maxLogLine)
	for {
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 {
			log.Info("skill", "line", strings.TrimSpace(string(line)))
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

func (p *process) transport() mcp.Transport {
	return &mcp.IOTransport{Reader: p.stdout, Writer: closer{p.stdin, p}, MaxLineLength: maxAnswer}
}

// closer ends the process when the MCP library closes its side.
type closer struct {
	io.WriteCloser
	p *process
}

func (c closer) Close() error { return c.p.Close() }

// Close ends the process: by closing its input, then by force, its whole group.
func (p *process) Close() error {
	p.once.Do(func() {
		_ = p.stdin.Close()
		done := make(chan struct{})
		go func() {
			_ = p.cmd.Wait() // how it ended is no news: it was told to
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(stopAfter):
			p.err = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
			<-done
		}
		// What it forked and left behind.
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	})
	return p.err
}

// inherited is what every stdio skill is given of the worker's environment: no secret is among it.
var inherited = map[string]bool{
	"PATH": true, "HOME": true, "TMPDIR": true, "LANG": true, "TZ": true, "SSL_CERT_FILE": true, "SSL_CERT_DIR": true,
	"CHIMERA_ORCHESTRATOR_URL": true, "CHIMERA_GRANT_PUBLIC_KEYS": true, "CHIMERA_OIDC_ISSUER": true,
	"CHIMERA_OIDC_AUDIENCE": true, "CHIMERA_LOG_LEVEL": true, "OTEL_EXPORTER_OTLP_ENDPOINT": true,
}

// environment picks a skill's variables: the common ones, and CHIMERA_SKILL_<NAME>_X as CHIMERA_X.
func environment(skill string, environ []string) []string {
	own := "CHIMERA_SKILL_" + strings.ToUpper(skill) + "_"
	var out, mine []string
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if inherited[name] {
			out = append(out, kv)
		} else if rest, ok := strings.CutPrefix(name, own); ok {
			mine = append(mine, "CHIMERA_"+rest+"="+value)
		}
	}
	return append(out, mine...)
}
