package sandbox_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// publisher is one way to post, so that every fault is tried on both platforms.
type publisher struct {
	name    string
	request func(p *platforms) *http.Request
}

var publishers = []publisher{
	{"bluesky", func(p *platforms) *http.Request {
		return p.request("POST", "/xrpc/com.atproto.repo.putRecord", p.jwt, write(rkey, record("x")))
	}},
	{"mastodon", func(p *platforms) *http.Request {
		return p.request("POST", "/api/v1/statuses", fediToken, map[string]string{"status": "x"}, "Idempotency-Key", "k1")
	}},
}

func TestFaultsAroundAPost(t *testing.T) {
	cases := map[string]struct {
		fault   map[string]any
		status  int // 0: no answer at all
		created int
	}{
		"rate_limit":            {map[string]any{"retry_after_s": 7}, 429, 0},
		"error_500_before":      {map[string]any{"status": 503}, 503, 0},
		"error_500_after":       {nil, 500, 1},
		"drop_after_success":    {nil, 0, 1},
		"timeout_after_success": {map[string]any{"delay_ms": 20}, 0, 1},
		"slow":                  {map[string]any{"delay_ms": 20}, 200, 1},
	}
	for kind, c := range cases {
		for _, via := range publishers {
			t.Run(kind+"/"+via.name, func(t *testing.T) {
				p := start(t)
				f := map[string]any{"kind": kind, "platform": via.name, "op": "post.create"}
				maps.Copy(f, c.fault)
				p.fault(f)
				// A client of its own: net/http repeats a request once on a reused connection.
				got, err := p.try(&http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}, via.request(p))
				if c.status == 0 {
					require.Error(t, err)
				} else {
					require.NoError(t, err)
					require.Equal(t, c.status, got.status, got.raw)
				}
				require.Equal(t, c.created, p.creations())
				if kind == "rate_limit" && via.name == "bluesky" {
					require.Equal(t, "7", got.header.Get("Retry-After"))
				}
				if kind == "rate_limit" && via.name == "mastodon" {
					require.Empty(t, got.header.Get("Retry-After"))
					require.Equal(t, "2026-11-22T09:00:07.000Z", got.header.Get("X-RateLimit-Reset"))
				}
				last := p.control("GET", "requests?limit=1", nil).body["requests"].([]any)[0].(map[string]any)
				require.Equal(t, kind, last["fault"])
				require.EqualValues(t, c.status, last["status"])

				retried, err := p.try(noRedirects, via.request(p))
				require.NoError(t, err)
				require.Equal(t, 200, retried.status, "the fault is used up")
				require.Equal(t, 1, p.creations(), "key and body are the same: still one post")
			})
		}
	}
}

func TestHangEndsWhenTheClientLeaves(t *testing.T) {
	p := start(t)
	p.fault(map[string]any{"kind": "timeout_after_success"}) // a minute by default
	began := time.Now()
	_, err := p.try(&http.Client{Timeout: 100 * time.Millisecond}, publishers[0].request(p))
	require.Error(t, err)
	require.Less(t, time.Since(began), 5*time.Second)
	require.Equal(t, 1, p.creations())
}

func TestDeadToken(t *testing.T) {
	p := start(t)
	p.fault(map[string]any{"kind": "dead_token", "platform": "bluesky", "variant": "expired"})
	p.fault(map[string]any{"kind": "dead_token", "platform": "mastodon"})
	require.Equal(t, 200, p.call("GET", "/xrpc/com.atproto.server.describeServer", "", nil).status, "guests have no token to lose")
	require.Equal(t, "ExpiredToken", p.put(rkey, record("x")).text("error"))
	refused := p.toot(map[string]any{"status": "x"})
	require.Equal(t, 401, refused.status)
	require.Equal(t, "The access token is invalid", refused.text("error"))
	require.Zero(t, p.creations())
	require.Equal(t, 200, p.put(rkey, record("x")).status)
}

func TestErrorOnExistingKeyCountsOnlyThen(t *testing.T) {
	p := start(t)
	p.fault(map[string]any{"kind": "error_on_existing_key", "count": 2})
	require.Equal(t, 200, p.put(rkey, record("x")).status)
	require.Equal(t, 500, p.put(rkey, record("x")).status)
	toot := map[string]any{"status": "x"}
	require.Equal(t, 200, p.toot(toot, "Idempotency-Key", "k1").status)
	require.Equal(t, 500, p.toot(toot, "Idempotency-Key", "k1").status)
	require.Equal(t, 200, p.toot(toot, "Idempotency-Key", "k1").status)
	require.Equal(t, 2, p.creations())
}

func TestReadLagHidesPostsFromReadsOnly(t *testing.T) {
	p := start(t)
	p.fault(map[string]any{"kind": "read_lag", "delay_ms": 3000, "count": 2})
	require.Equal(t, 200, p.put(rkey, record("x")).status)
	toot := p.toot(map[string]any{"status": "x"}, "Idempotency-Key", "k1")
	require.Equal(t, 200, toot.status)
	statusPath, listPath := "/api/v1/statuses/"+toot.text("id"), "/api/v1/accounts/"+fediID+"/statuses"
	require.Equal(t, 400, p.call("GET", getRecordPath(rkey), "", nil).status)
	require.Equal(t, 404, p.call("GET", statusPath, "", nil).status)
	require.Empty(t, decodeList(t, p.call("GET", listPath, "", nil).raw))
	require.NotContains(t, p.put(rkey, record("x")).body, "commit", "a writer meets it all the same")
	p.clock.advance(3 * time.Second)
	require.Equal(t, 200, p.call("GET", getRecordPath(rkey), "", nil).status)
	require.Equal(t, 200, p.call("GET", statusPath, "", nil).status)
	require.Len(t, decodeList(t, p.call("GET", listPath, "", nil).raw), 1)
}

func TestFaultQueue(t *testing.T) {
	p := start(t)
	session := func() int { return p.call("GET", "/xrpc/com.atproto.server.getSession", p.jwt, nil).status }
	t.Run("skip, count and order", func(t *testing.T) {
		p.fault(map[string]any{"kind": "error_500_before", "op": "session.get", "skip": 1, "count": 2, "status": 502})
		require.Equal(t, []int{200, 502, 502, 200}, []int{session(), session(), session(), session()})
	})
	t.Run("by account", func(t *testing.T) {
		p.fault(map[string]any{"kind": "error_500_before", "account": "south"})
		require.Equal(t, 200, p.toot(map[string]any{"status": "x"}).status)
		require.Equal(t, 500, p.call("GET", "/api/v1/accounts/verify_credentials", "south-for-tests", nil).status)
	})
	t.Run("by chance, repeatable by seed", func(t *testing.T) {
		run := func() (failed []int) {
			p.control("DELETE", "faults", nil)
			p.fault(map[string]any{"kind": "error_500_before", "rate": 0.3, "seed": 7, "op": "session.get"})
			for i := range 100 {
				if session() == 500 {
					failed = append(failed, i)
				}
			}
			return failed
		}
		first := run()
		require.InDelta(t, 30, len(first), 15)
		require.Equal(t, first, run())
	})
	t.Run("cleared", func(t *testing.T) {
		require.Len(t, p.control("GET", "faults", nil).body["faults"], 1)
		require.Equal(t, 204, p.control("DELETE", "faults", nil).status)
		require.Empty(t, p.control("GET", "faults", nil).body["faults"])
		require.Equal(t, 200, session())
	})
	t.Run("bad ones are refused by name", func(t *testing.T) {
		for _, bad := range []map[string]any{
			{"kind": "gremlins"},
			{"kind": "slow", "delay_ms": -1},
			{"kind": "slow", "rate": 2},
			{"kind": "error_500_after", "status": 404},
			{"kind": "slow", "typo": 1},
			{"kind": "dead_token", "variant": "tired"},
		} {
			got := p.control("POST", "faults", bad)
			require.Equal(t, 400, got.status, bad)
			require.NotEmpty(t, got.text("error"))
		}
	})
}
