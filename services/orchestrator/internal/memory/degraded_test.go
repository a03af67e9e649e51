package memory_test

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/memory"
)

// These tests need no Weaviate: they are about stores that are not one.

func TestDegradedWithoutAServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	away := "http://" + listener.Addr().String()
	require.NoError(t, listener.Close())

	for name, url := range map[string]string{"not configured": "", "away": away, "no address": "weaviate:8080", "wrong scheme": "ftp://127.0.0.1"} {
		t.Run(name, func(t *testing.T) {
			m := memory.Open(t.Context(), memory.Config{URL: url}, slog.New(slog.DiscardHandler))
			items, degraded, err := m.Recall(t.Context(), scope(), "coffee", 5)
			require.NoError(t, err)
			require.Empty(t, items)
			require.True(t, strings.HasPrefix(degraded, "memory: "), degraded)
			err = m.Remember(t.Context(), scope(), memory.Item{ID: uuid.New(), Text: "x", At: at})
			require.Equal(t, errs.Unavailable, errs.KindOf(err))
			ok, detail := m.Healthy(t.Context())
			require.False(t, ok)
			require.True(t, strings.HasPrefix(detail, "memory: "), detail)
		})
	}
}

func TestAnAbsentStoreCostsPlansNothing(t *testing.T) {
	// TEST-NET-1 (RFC 5737): nobody answers there, not even to refuse.
	started := time.Now()
	m := memory.Open(t.Context(), memory.Config{URL: "http://192.0.2.1:8080", RetryAfter: time.Hour}, slog.New(slog.DiscardHandler))
	require.Less(t, time.Since(started), time.Second, "the dial timeout, and room for a busy machine; without it the call timeout of 3 s")
	started = time.Now()
	for range 100 {
		_, degraded, err := m.Recall(t.Context(), scope(), "coffee", 5)
		require.NoError(t, err)
		require.NotEmpty(t, degraded)
	}
	require.Less(t, time.Since(started), 50*time.Millisecond, "a hundred recalls under an open breaker")
}

func TestBreakerAsksASickStoreOnce(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	m := memory.Open(t.Context(), memory.Config{URL: server.URL, DialTimeout: 5 * time.Second, RetryAfter: time.Hour}, slog.New(slog.DiscardHandler))
	_, _, _ = m.Recall(t.Context(), scope(), "coffee", 5)
	after := asked.Load()
	require.Positive(t, after)
	for range 10 {
		_, degraded, err := m.Recall(t.Context(), scope(), "coffee", 5)
		require.NoError(t, err)
		require.NotEmpty(t, degraded)
	}
	require.Equal(t, after, asked.Load())
}

func TestBadAnswersDegrade(t *testing.T) {
	for name, body := range map[string]string{
		"no json":     `<html>`,
		"errors":      `{"data":{"Get":{"ChimeraMemory":null}},"errors":[{"message":"tenant not found"}]}`,
		"wrong shape": `{"data":{"Get":{"ChimeraMemory":{"text":1}}}}`,
		"bad score":   `{"data":{"Get":{"ChimeraMemory":[{"text":"a","_additional":{"id":"6f1f3f0e-0d5a-4b1e-9a53-1f2f3f4f5f6f","score":"x"}}]}}}`,
		"endless":     `{"data":"` + strings.Repeat("x", 9<<20) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/graphql") {
					_, _ = w.Write([]byte(body))
				}
			}))
			defer server.Close()
			m := memory.Open(t.Context(), memory.Config{URL: server.URL, DialTimeout: 5 * time.Second}, slog.New(slog.DiscardHandler))
			ok, detail := m.Healthy(t.Context())
			require.True(t, ok, detail)
			items, degraded, err := m.Recall(t.Context(), scope(), "coffee", 5)
			require.NoError(t, err)
			require.Empty(t, items)
			require.NotEmpty(t, degraded)
		})
	}
}

func TestAFailedItemIsAnError(t *testing.T) {
	// The batch endpoint answers 200 although the item failed.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/batch/objects") {
			_, _ = w.Write([]byte(`[{"result":{"status":"FAILED","errors":{"error":[{"message":"no such tenant"}]}}}]`))
		}
	}))
	defer server.Close()
	m := memory.Open(t.Context(), memory.Config{URL: server.URL, DialTimeout: 5 * time.Second}, slog.New(slog.DiscardHandler))
	err := m.Remember(t.Context(), scope(), memory.Item{ID: uuid.New(), Text: "x", At: at})
	require.Equal(t, errs.Unavailable, errs.KindOf(err))
	ok, detail := m.Healthy(t.Context())
	require.True(t, ok, "a refusal of one item is no sick store: %s", detail)
}
