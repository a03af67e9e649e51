package parts

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// initCluster returns the cluster folder of dir, made by initdb at the first call. It is made under
// another name and renamed, so an interrupted initdb is never taken for a cluster.
func initCluster(ctx context.Context, o PostgresOptions, bin, dir, password string, account account) (string, error) {
	home, err := clusterHome(o, dir, account)
	if err != nil {
		return "", err
	}
	cluster := filepath.Join(home, "data")
	if _, err := os.Stat(filepath.Join(cluster, "PG_VERSION")); err == nil {
		return cluster, nil
	}
	o.say("creating a PostgreSQL cluster")
	partial := cluster + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return "", fmt.Errorf("clear an interrupted initdb: %w", err)
	}
	if err := os.Mkdir(partial, 0o700); err != nil {
		return "", fmt.Errorf("cluster folder: %w", err)
	}
	passwordFile := filepath.Join(home, "initdb.password")
	defer func() { _ = os.Remove(passwordFile) }()
	if err := os.WriteFile(passwordFile, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("password for initdb: %w", err)
	}
	for _, path := range []string{partial, passwordFile} {
		if err := account.own(path); err != nil {
			return "", fmt.Errorf("hand %s to %s: %w", path, account.name, err)
		}
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", partial, "-U", "postgres", "--auth=scram-sha-256",
		"--pwfile="+passwordFile, "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--no-instructions")
	cmd.Dir, cmd.Env = partial, account.env(partial)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account.credential}
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	if err := os.Rename(partial, cluster); err != nil {
		return "", fmt.Errorf("finish initdb: %w", err)
	}
	return cluster, nil
}

// clusterHome is dir, unless the account cannot get there (a checkout below root's home): then a folder
// of its own below /var/lib, named by dir, so that the same dir finds the same data again.
func clusterHome(o PostgresOptions, dir string, account account) (string, error) {
	closed := account.reaches(filepath.Join(dir, "password"))
	if closed == nil {
		return dir, nil
	}
	sum := sha256.Sum256([]byte(dir))
	home := filepath.Join("/var/lib/chimera", fmt.Sprintf("postgres-%x", sum[:6]))
	o.say(closed.Error() + "; its data goes to " + home)
	if err := os.MkdirAll(home, 0o711); err != nil {
		return "", fmt.Errorf("cluster folder: %w", err)
	}
	return home, nil
}
