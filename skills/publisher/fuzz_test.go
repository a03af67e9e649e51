package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/errs"
	"chimera/services/kit/fuzztest"
	"chimera/services/kit/grant"
	"chimera/services/kit/platforms"
)

// FuzzPayload completes any arguments of publish (R10.5): what a person is shown and grants is one form, and completing
// or encoding it again changes nothing.
func FuzzPayload(f *testing.F) {
	f.Add([]byte(`{"platform":"bluesky","account_id":"a","text":"Bees","tags":["#bees"," ＃bees","bees"],"media":[{"url":"u","alt":"a"}]}`))
	f.Add([]byte(`{"platform":"mastodon","text":"\u0000\ud800","langs":null,"disclosure":{"ai_generated":false},"self_labels":["ai-generated"]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		_ = platformOf(raw)
		var in Post
		if json.Unmarshal(raw, &in) != nil {
			return
		}
		p := complete(in)
		if rules, ok := platforms.Get(in.Platform); ok {
			p = disclose(p, rules.Disclosure)
			require.Equal(t, p, disclose(complete(Post(p)), rules.Disclosure))
		}
		require.True(t, same(Post(p), complete(Post(p))), "%+v", p)
		once, err := json.Marshal(p)
		require.NoError(t, err)
		first, err := grant.Canonical(once)
		require.NoError(t, err)
		var again Post
		require.NoError(t, json.Unmarshal(first, &again))
		twice, err := json.Marshal(complete(again))
		require.NoError(t, err)
		second, err := grant.Canonical(twice)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second), "the hash that was approved")
	})
}

type canned []byte

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(c)), ContentLength: int64(len(c)), Request: r}, nil
}

// FuzzImage looks at any bytes as the picture of a post (R8.3): its hash is its own, and what is no image is said to be none.
func FuzzImage(f *testing.F) {
	var small bytes.Buffer
	require.NoError(f, png.Encode(&small, image.NewGray(image.Rect(0, 0, 2, 3))))
	f.Add(small.Bytes(), "image/png", "")
	f.Add([]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), "", "")
	f.Add([]byte("<svg onload=alert(1)>"), "image/svg+xml", "00")
	f.Fuzz(func(t *testing.T, data []byte, mime, sum string) {
		defer fuzztest.Bound(t)()
		media := []Media{{URL: "http://pictures.test/a", MIME: mime, SHA256: sum}}
		sizes, broken, err := images{&http.Client{Transport: canned(data)}}.inspect(t.Context(), media, 1<<20)
		if err != nil {
			require.NotEqual(t, errs.Unknown, errs.KindOf(err))
			return
		}
		if len(broken) > 0 {
			return
		}
		require.Equal(t, []int64{int64(len(data))}, sizes)
		require.Equal(t, grant.Hex(data), media[0].SHA256)
		require.Equal(t, http.DetectContentType(data), media[0].MIME)
		require.GreaterOrEqual(t, media[0].Width, 0)
	})
}
