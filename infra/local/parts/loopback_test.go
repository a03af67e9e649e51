package parts_test

import (
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts/partstest"
)

// requireLoopback reads the kernel's table of sockets: everything that listens on the URL's port must do
// so on 127.0.0.1, which the table writes as 0100007F.
func requireLoopback(t *testing.T, address string) {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	port, err := strconv.Atoi(parsed.Port())
	require.NoError(t, err)
	var found []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		body, err := os.ReadFile(table)
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		for _, line := range strings.Split(string(body), "\n") {
			fields := strings.Fields(line)
			if len(fields) > 3 && fields[3] == "0A" && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
				found = append(found, fields[1])
			}
		}
	}
	require.Equal(t, []string{fmt.Sprintf("0100007F:%04X", port)}, found)
}

func TestPartsListenOnLoopbackOnly(t *testing.T) {
	requireLoopback(t, partstest.ExclusivePostgres(t).URL)
	requireLoopback(t, partstest.ExclusiveRedis(t).URL)
	requireLoopback(t, partstest.OIDC(t).URL)
}
