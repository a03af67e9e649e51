package boot

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/secret"
)

// maxSecretFile bounds one file of the secrets folder, in bytes.
const maxSecretFile = 64 << 10

// readSecrets sets one variable per file of dir that is named like one of ours (CHIMERA_DATABASE_URL): so Docker
// and Kubernetes hand secrets over by mounts, and none stands in a container's description. A final newline is cut
// off, and the logger is told every text. "" reads nothing. Errors (Invalid): a folder or file that cannot be read,
// a file that is too large, a variable that the environment sets as well.
func readSecrets(dir string, known *secret.Set) error {
	if dir == "" {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the folder CHIMERA_SECRETS_DIR cannot be read")
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, "CHIMERA_") {
			continue
		}
		if _, twice := os.LookupEnv(name); twice { //nolint:forbidigo // nothing is read: a name that is set twice is refused
			return errs.Newf(errs.Invalid, typev1.Reason_REASON_INVALID, "%s is set by the environment and by a file in CHIMERA_SECRETS_DIR: take one away", name)
		}
		text, err := secretText(filepath.Join(dir, name))
		if err != nil {
			return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the secret file "+name+" cannot be read")
		}
		known.Add(text)
		if err := os.Setenv(name, text); err != nil {
			return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the secret file "+name+" holds what no variable can")
		}
	}
	return nil
}

func secretText(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > maxSecretFile {
		return "", fmt.Errorf("want a file of at most %d bytes", maxSecretFile)
	}
	raw, err := os.ReadFile(path)
	return strings.TrimSuffix(string(raw), "\n"), err
}
