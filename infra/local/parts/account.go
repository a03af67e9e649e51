package parts

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is who a part runs as: ourselves, or under root an unprivileged system account.
type account struct {
	name       string
	uid, gid   int
	credential *syscall.Credential // nil: ourselves
}

func unprivileged() (account, error) {
	if os.Getuid() != 0 {
		return account{uid: os.Getuid(), gid: os.Getgid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(found.Uid)
		gid, gidErr := strconv.Atoi(found.Gid)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return account{name, uid, gid, &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
		}
	}
	return account{}, fmt.Errorf("it refuses to run as root, and there is no account postgres or nobody to run it as: start as another user")
}

// reaches checks that the path exists and that the account can pass every folder above it.
func (a account) reaches(path string) error {
	if _, err := os.Stat(path); err != nil || a.credential == nil {
		return err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for dir := filepath.Dir(real); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		owner := info.Sys().(*syscall.Stat_t).Uid == uint32(a.uid)
		if mode := info.Mode().Perm(); mode&0o001 == 0 && !(owner && mode&0o100 != 0) {
			return fmt.Errorf("%s is closed to the account %s, which PostgreSQL runs as under root: use a folder outside it", dir, a.name)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// own hands a file or an empty folder to the account.
func (a account) own(path string) error {
	if a.credential == nil {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}
