package account_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/ledger"
)

func mastodon(handle, token string) account.Account {
	return account.Account{Platform: ledger.Mastodon, Handle: handle, Token: token}
}

func TestAccountsAreFoundByWhatNamesThem(t *testing.T) {
	var d account.Directory
	_, ok := d.ByToken("")
	require.False(t, ok, "nobody has no token")
	a, err := d.Add(mastodon("ann", "secret-1"))
	require.NoError(t, err)
	b, err := d.Add(account.Account{Platform: ledger.Bluesky, Handle: "ann.example", Password: "p"})
	require.NoError(t, err)
	for _, name := range []string{"ann", "@ann", "ANN", a.ID} {
		found, ok := d.Find(ledger.Mastodon, name)
		require.True(t, ok, name)
		require.Equal(t, a, found)
	}
	_, ok = d.Find(ledger.Bluesky, "ann")
	require.False(t, ok, "of another platform")
	_, ok = d.ByToken("")
	require.False(t, ok, "an account without a token is nobody's")
	found, ok := d.Login(b.Handle, "p")
	require.True(t, ok)
	require.Equal(t, b, found)
	_, ok = d.Login(b.Handle, "q")
	require.False(t, ok)

	again, err := d.Add(account.Account{Platform: ledger.Mastodon, Handle: "ann", Token: "secret-2", ID: "7"})
	require.NoError(t, err)
	_, ok = d.ByToken("secret-1")
	require.False(t, ok, "replaced")
	_, ok = d.Find(ledger.Mastodon, a.ID)
	require.False(t, ok, "replaced")
	found, ok = d.ByToken("secret-2")
	require.True(t, ok)
	require.Equal(t, again, found)
	require.Len(t, d.List(), 2)
	for _, shown := range d.List() {
		require.Empty(t, shown.Token+shown.Password)
	}

	_, err = d.Add(mastodon("bob", "secret-2"))
	require.ErrorContains(t, err, "has the token of ann")
	_, err = d.Add(account.Account{Platform: ledger.Mastodon, Handle: "bob", Token: "x", ID: "7"})
	require.ErrorContains(t, err, "has the id of ann")
}

// The largest chaos run has 11,550 logins on each platform (make chaos SCALE=10).
func TestManyAccountsFit(t *testing.T) {
	var d account.Directory
	for i := range 25_000 {
		_, err := d.Add(mastodon(fmt.Sprintf("a%d", i), fmt.Sprintf("token-%d", i)))
		require.NoError(t, err)
	}
	found, ok := d.ByToken("token-24999")
	require.True(t, ok)
	require.Equal(t, "a24999", found.Handle)
}
