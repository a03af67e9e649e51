package vault_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/internal/tenancy"
	"chimera/services/orchestrator/internal/vault"
)

const (
	tenant  = tenancy.ID("0190b0a0-0000-7000-8000-000000000001")
	other   = tenancy.ID("0190b0a0-0000-7000-8000-000000000002")
	account = "0190b0a0-0000-7000-8000-00000000000a"
)

func TestSecretOpensOnlyForItsRow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "identity")
	v, err := vault.Open(path)
	require.NoError(t, err)
	sealed, err := v.Seal(tenant, account, "app-password")
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "app-password")

	again, err := vault.Open(path)
	require.NoError(t, err)
	plain, err := again.Open(tenant, account, sealed)
	require.NoError(t, err)
	require.Equal(t, "app-password", plain.Reveal())

	_, err = again.Open(other, account, sealed)
	require.ErrorContains(t, err, "another tenant")
	sealed[len(sealed)-1] ^= 1
	_, err = again.Open(tenant, account, sealed)
	require.Error(t, err)
}

func TestIdentityThatOthersMayReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "identity")
	_, err := vault.Open(path)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(path, 0o644))
	_, err = vault.Open(path)
	require.ErrorContains(t, err, "chmod 600")
}
