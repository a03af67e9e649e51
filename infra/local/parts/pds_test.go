package parts_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/parts"
	"chimera/infra/local/parts/partstest"
)

// call makes one XRPC call and decodes its answer.
func call(t *testing.T, method, url, token string, in any) (int, map[string]any) {
	t.Helper()
	var body bytes.Buffer
	if in != nil {
		require.NoError(t, json.NewEncoder(&body).Encode(in))
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, &body)
	require.NoError(t, err)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	var out map[string]any
	require.NoError(t, json.Unmarshal(answer, &out), "%s", answer)
	return res.StatusCode, out
}

func TestPDSAndItsDirectoryListenOnLoopbackOnly(t *testing.T) {
	server := partstest.PDS(t)
	requireLoopback(t, server.URL)
	requireLoopback(t, directoryURL(t, server))
}

func TestPDSKeepsAccountsAndPostsOverKill(t *testing.T) {
	server := partstest.ExclusivePDS(t)
	account, err := server.CreateAccount(t.Context(), "nova.test", "nova@example.test", "a-password")
	require.NoError(t, err)
	require.Equal(t, "nova.test", account.Handle)
	require.Regexp(t, `^did:plc:[a-z2-7]{24}$`, account.DID)
	_, err = server.CreateAccount(t.Context(), "nova.test", "other@example.test", "a-password")
	require.ErrorContains(t, err, "Handle already taken")

	post := map[string]any{
		"repo": account.DID, "collection": "app.bsky.feed.post", "rkey": "3l5q2m7qk2c2a",
		"record": map[string]any{"$type": "app.bsky.feed.post", "text": "hello", "createdAt": "2026-01-01T00:00:00Z"},
	}
	login := func() string {
		status, session := call(t, http.MethodPost, server.URL+"/xrpc/com.atproto.server.createSession", "",
			map[string]string{"identifier": "nova.test", "password": "a-password"})
		require.Equal(t, http.StatusOK, status, session)
		return session["accessJwt"].(string)
	}
	status, put := call(t, http.MethodPost, server.URL+"/xrpc/com.atproto.repo.putRecord", login(), post)
	require.Equal(t, http.StatusOK, status, put)
	require.Equal(t, "valid", put["validationStatus"])

	require.NoError(t, server.Kill())
	// As if the crash had cut a directory write short.
	journal, err := os.OpenFile(filepath.Join(server.Dir, "plc.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = journal.WriteString(`{"did":"did:plc:torn`)
	require.NoError(t, err)
	require.NoError(t, journal.Close())
	require.NoError(t, server.Start(t.Context()))

	read := server.URL + "/xrpc/com.atproto.repo.getRecord?repo=nova.test&collection=app.bsky.feed.post&rkey=3l5q2m7qk2c2a"
	status, got := call(t, http.MethodGet, read, "", nil)
	require.Equal(t, http.StatusOK, status, got)
	require.Equal(t, put["cid"], got["cid"])
	status, out := call(t, http.MethodPost, server.URL+"/xrpc/com.atproto.repo.putRecord", login(), post)
	require.Equal(t, http.StatusOK, status, out)
	require.Equal(t, put["cid"], out["cid"], "the same record again is the same commit")
	_, err = server.CreateAccount(t.Context(), "second.test", "second@example.test", "a-password")
	require.NoError(t, err, "the directory takes new operations after the torn line")
	require.NoError(t, server.Stop(t.Context()))
	require.NoError(t, server.Start(t.Context()))
	status, document := call(t, http.MethodGet, directoryURL(t, server)+"/"+account.DID, "", nil)
	require.Equal(t, http.StatusOK, status, document)
	require.Equal(t, []any{"at://nova.test"}, document["alsoKnownAs"], "resolved after two restarts")
}

func directoryURL(t *testing.T, server *parts.PDSServer) string {
	t.Helper()
	port, err := os.ReadFile(filepath.Join(server.Dir, "plc-port"))
	require.NoError(t, err)
	return "http://127.0.0.1:" + strings.TrimSpace(string(port))
}
