// Package folder is the demo's data folder: its lock, its generated secrets, and what a running demo tells
// the other commands about itself.
package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"chimera/infra/local/internal/install"
)

// Folder is an opened data folder; its path is absolute.
type Folder struct{ Dir string }

// Open makes the folder: closed to others, except that under root the account that PostgreSQL runs as must
// be able to pass through it. Every file in it that is not for that account is 0600.
func Open(path string) (Folder, error) {
	dir, err := filepath.Abs(path)
	if err != nil {
		return Folder{}, fmt.Errorf("demo folder: %w", err)
	}
	mode := fs.FileMode(0o700)
	if os.Getuid() == 0 {
		mode = 0o711
	}
	for _, sub := range []string{"", "logs", "env"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), mode); err != nil {
			return Folder{}, fmt.Errorf("demo folder: set CHIMERA_DEMO_DIR to a folder you can write: %w", err)
		}
	}
	return Folder{dir}, nil
}

// Path joins names below the folder.
func (f Folder) Path(names ...string) string {
	return filepath.Join(append([]string{f.Dir}, names...)...)
}

// RunningError says that another supervisor holds the folder.
type RunningError struct{ PID int }

func (e *RunningError) Error() string {
	return fmt.Sprintf("a demo runs in this folder already (pid %d): use it as it is, or stop it with: make down", e.PID)
}

// Lock takes the folder for this process until release or its end; *RunningError while another has it.
func (f Folder) Lock() (release func(), err error) {
	unlock, err := install.TryLock(f.Path("lock"))
	for try := 0; errors.Is(err, install.ErrLocked) && try < 10; try++ {
		// Running holds the lock for an instant, too.
		time.Sleep(20 * time.Millisecond)
		unlock, err = install.TryLock(f.Path("lock"))
	}
	if errors.Is(err, install.ErrLocked) {
		return nil, &RunningError{PID: f.holder()}
	}
	if err != nil {
		return nil, fmt.Errorf("demo folder: %w", err)
	}
	if err := os.WriteFile(f.Path("pid"), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		unlock()
		return nil, fmt.Errorf("demo folder: %w", err)
	}
	return unlock, nil
}

func (f Folder) holder() int {
	body, _ := os.ReadFile(f.Path("pid"))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(body)))
	return pid
}

// Running gives the pid of the supervisor that holds the folder, or 0. A pid file alone proves nothing: only
// the lock ends with its process.
func (f Folder) Running() int {
	unlock, err := install.TryLock(f.Path("lock"))
	if err != nil {
		return f.holder()
	}
	unlock()
	return 0
}

// WriteJSON replaces a file in one step, readable by the owner only.
func (f Folder) WriteJSON(name string, v any) error {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return f.Write(name, append(body, '\n'))
}

// Write replaces a file in one step, readable by the owner only.
func (f Folder) Write(name string, body []byte) error {
	path := f.Path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	temp := path + ".new"
	// A leftover of a killed run could have another mode, which WriteFile would keep.
	_ = os.Remove(temp)
	if err := os.WriteFile(temp, body, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(temp, path)
}

// ReadJSON reads a file that WriteJSON wrote; fs.ErrNotExist if there is none.
func (f Folder) ReadJSON(name string, v any) error {
	body, err := os.ReadFile(f.Path(name))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%s is damaged (%w): delete it, or the whole folder to start anew", f.Path(name), err)
	}
	return nil
}
