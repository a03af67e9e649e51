package parts

import (
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// claims are the ports that processes of this machine have chosen. Between the choice and the bind a port looks free to everybody
// else, and programs that start together choose hundreds. A byte of a file stands for a port, and whoever chose the port
// holds the byte's lock; the kernel drops the locks of a process that ends, so nothing is ever left to clean up.
var claims struct {
	sync.Mutex
	file *os.File
	// by names the memory each port of this process is kept in: the kernel refuses a process no lock of its own.
	by map[int]string
}

// claim takes a port for who remembers it in a file, until this process ends; false if somebody else has it. Where no file can
// be shared, with another user's processes say, only this process is looked at.
func claim(port int, memory string) bool {
	claims.Lock()
	defer claims.Unlock()
	if by, taken := claims.by[port]; taken {
		return by == memory
	}
	if claims.by == nil {
		claims.by = map[int]string{}
		// Never closed: closing any descriptor of the file would drop all its locks.
		claims.file, _ = os.OpenFile(filepath.Join(os.TempDir(), "chimera-ports.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	}
	if claims.file != nil {
		lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: int64(port), Len: 1}
		if syscall.FcntlFlock(claims.file.Fd(), syscall.F_SETLK, &lock) != nil {
			return false
		}
	}
	claims.by[port] = memory
	return true
}
