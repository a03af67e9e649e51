package partstest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"chimera/infra/local/parts"
)

const crampedName = "cramped-postgres"

// CrampedPostgres is ExclusivePostgres on a disk of its own of so many bytes, for tests that fill it: its Dir is on
// that disk. It is always a child process, since a container's memory disk does not outlive a crash. ok is false, and
// the disk an ordinary one, where nobody may mount one: that takes root or sudo without a password.
func CrampedPostgres(t testing.TB, bytes int64) (server *parts.Server, ok bool) {
	t.Helper()
	options := optionsFor(t, crampedName)
	if err := mount(options.Dir, bytes); err != nil {
		options.Say(err.Error())
		return ExclusivePostgres(t), false
	}
	t.Cleanup(func() {
		if err := unmount(options.Dir); err != nil {
			t.Errorf("partstest: %v", err)
		}
		_ = os.RemoveAll(options.Dir)
	})
	return exclusiveIn(t, options, "postgres", childPostgres), true
}

func mount(dir string, bytes int64) error {
	options := fmt.Sprintf("size=%d,mode=0711,uid=%d,gid=%d", bytes, os.Getuid(), os.Getgid())
	return asRoot("mount", "-t", "tmpfs", "-o", options, "chimera-test", dir)
}

// unmount does not wait for who still holds a file open there.
func unmount(dir string) error { return asRoot("umount", "-l", dir) }

func asRoot(command ...string) error {
	if os.Getuid() != 0 {
		command = append([]string{"sudo", "-n"}, command...)
	}
	if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", command[0], strconv.Quote(command[len(command)-1]), err, out)
	}
	return nil
}

// sweepCramped takes away the disks of a run that was killed.
func sweepCramped(root string) {
	disks, _ := filepath.Glob(filepath.Join(root, crampedName+"-*"))
	for _, disk := range disks {
		_ = unmount(disk) // it may not have been mounted yet, or be gone already
	}
}
