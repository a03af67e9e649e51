package proc

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// childrenOf lists the direct children of a process. PostgreSQL's backends leave its group (setsid), and
// while one still lives the next start refuses the shared memory: Kill must wait for them too.
func childrenOf(pid int) []int {
	body, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	var children []int
	for _, field := range strings.Fields(string(body)) {
		if child, err := strconv.Atoi(field); err == nil {
			children = append(children, child)
		}
	}
	return children
}

// awaitGone waits for orphans to end by themselves for 2 s, then kills them.
func awaitGone(pids []int) error {
	begin := time.Now()
	for _, pid := range pids {
		for alive(pid) {
			if wait := time.Since(begin); wait > stopWait {
				return fmt.Errorf("child %d survived SIGKILL", pid)
			} else if wait > 2*time.Second {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return nil
}

// alive is false for a zombie too: on machines whose init does not reap, an orphan stays one for good.
func alive(pid int) bool {
	body, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, found := strings.Cut(string(body), ") ")
	return found && !strings.HasPrefix(rest, "Z")
}
