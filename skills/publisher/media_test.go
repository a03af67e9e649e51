package main

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/errs"
)

// Images come from addresses that tenants choose: every way they can be wrong is told apart.
func TestImagesAreHeldAgainstWhatWasNamed(t *testing.T) {
	var buf bytes.Buffer
	require.NoError(t, png.Encode(&buf, image.NewGray(image.Rect(0, 0, 8, 4))))
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a.png":
			_, _ = w.Write(buf.Bytes())
		case "/page":
			_, _ = w.Write([]byte("<html><body>hello</body></html>"))
		case "/big":
			_, _ = w.Write([]byte(strings.Repeat("x", 3000)))
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/broken":
			w.WriteHeader(http.StatusBadGateway)
		case "/elsewhere":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		}
	}))
	t.Cleanup(web.Close)
	f := newPublisher(config{AllowHostPorts: []string{strings.TrimPrefix(web.URL, "http://")}}, time.Now).images

	media := []Media{{URL: web.URL + "/a.png"}}
	sizes, broken, err := f.inspect(t.Context(), media, 2000)
	require.NoError(t, err)
	require.Empty(t, broken)
	require.Equal(t, []int64{int64(buf.Len())}, sizes)
	require.Equal(t, []any{"image/png", 8, 4}, []any{media[0].MIME, media[0].Width, media[0].Height})
	require.Len(t, media[0].SHA256, 64)

	for path, rule := range map[string]string{"/page": "media_type", "/big": "max_image_bytes"} {
		_, broken, err := f.inspect(t.Context(), []Media{{URL: web.URL + path}}, 2000)
		require.NoError(t, err)
		require.Equal(t, rule, broken[0].Rule)
	}
	lying := []Media{{URL: web.URL + "/a.png", MIME: "image/gif", SHA256: strings.Repeat("0", 64)}}
	_, broken, err = f.inspect(t.Context(), lying, 2000)
	require.NoError(t, err)
	require.Equal(t, []string{"media_sha256", "media_type"}, []string{broken[0].Rule, broken[1].Rule})

	for path, kind := range map[string]errs.Kind{"/gone": errs.Invalid, "/broken": errs.Unavailable, "/elsewhere": errs.Denied} {
		_, _, err := f.inspect(t.Context(), []Media{{URL: web.URL + path}}, 2000)
		require.Equal(t, kind, errs.KindOf(err), "%s: %v", path, err)
	}
	_, _, err = f.inspect(t.Context(), []Media{{URL: "file:///etc/hostname"}}, 2000)
	require.Equal(t, errs.Denied, errs.KindOf(err))
}

// The environment as it is documented must be readable.
func TestConfigFromEnvironment(t *testing.T) {
	t.Setenv("CHIMERA_ALLOW_HOST_PORTS", "127.0.0.1:7400,localhost:2583")
	t.Setenv("CHIMERA_BLUESKY_APPS", "http://127.0.0.1:7400=http://127.0.0.1:7400/app,http://localhost:1=http://localhost:2")
	cfg, err := fromEnvironment()
	require.NoError(t, err)
	require.Equal(t, config{AllowHostPorts: []string{"127.0.0.1:7400", "localhost:2583"}, BlueskyApps: map[string]string{
		"http://127.0.0.1:7400": "http://127.0.0.1:7400/app", "http://localhost:1": "http://localhost:2",
	}}, cfg)
}

func TestPageOfAPost(t *testing.T) {
	b := blueskySite{apps: map[string]string{"http://127.0.0.1:7400": "http://127.0.0.1:7400"}}
	for base, want := range map[string]string{
		"https://bsky.social":    "https://bsky.app/profile/h.test/post/k",
		"http://127.0.0.1:7400/": "http://127.0.0.1:7400/profile/h.test/post/k",
		"http://127.0.0.1:2583":  "http://127.0.0.1:2583/xrpc/com.atproto.repo.getRecord?collection=app.bsky.feed.post&repo=h.test&rkey=k",
	} {
		require.Equal(t, want, b.page(skillCredential(base), "k"))
	}
}
