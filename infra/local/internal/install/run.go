package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// ErrTool says that a client program needed to install something is not on this machine.
var ErrTool = errors.New("tool not found")

// Run executes one install step in dir, its output in logPath; a failure quotes the log's end.
func Run(ctx context.Context, dir, logPath string, env []string, name string, args ...string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrTool, name)
	}
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("install log: %w", err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, append(os.Environ(), env...), log, log
	// npm and apt-get start children of their own: a cancelled install must end them all.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w; the end of %s:\n%s", name, strings.Join(args, " "), err, logPath, Tail(logPath, 2000))
	}
	return nil
}

// Tail is the last max bytes of a log file, or "" if it cannot be read.
func Tail(path string, max int64) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	from := info.Size() - max
	if from < 0 {
		from = 0
	}
	body := make([]byte, info.Size()-from)
	n, _ := file.ReadAt(body, from)
	return strings.TrimSpace(string(body[:n]))
}
