package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/platforms"
)

// maxImageBytes bounds an image where the platform sets no limit of its own.
const maxImageBytes = 16 << 20

var hexSHA256 = regexp.MustCompile(`^[0-9a-f]{64}$`)

// images fetches pictures by address, with a client that reaches public hosts only.
type images struct{ http *http.Client }

func checkMedia(media []Media) (broken []platforms.Violation) {
	for i, m := range media {
		nth := "image " + strconv.Itoa(i+1)
		if m.SHA256 != "" && !hexSHA256.MatchString(m.SHA256) {
			broken = append(broken, platforms.Violation{Rule: "media_sha256", Threshold: "64 lower-case hex characters", Value: m.SHA256, Message: nth + " has no usable hash; leave it out to have it filled in"})
		}
		if m.Width < 0 || m.Height < 0 {
			broken = append(broken, platforms.Violation{Rule: "media_size", Threshold: "0 or more pixels", Value: fmt.Sprintf("%dx%d", m.Width, m.Height), Message: nth + " has a negative size"})
		}
	}
	return broken
}

// inspect fetches every image for the proposal and fills in hash, type and size in pixels. sizes are bytes.
func (f images) inspect(ctx context.Context, media []Media, most int) (sizes []int64, broken []platforms.Violation, err error) {
	for i := range media {
		m, nth := &media[i], "image "+strconv.Itoa(i+1)
		data, err := f.fetch(ctx, m.URL, most)
		if errs.ReasonOf(err) == typev1.Reason_REASON_TOO_LARGE {
			broken = append(broken, platforms.Violation{Rule: "max_image_bytes", Threshold: strconv.Itoa(bound(most)), Value: "more", Message: nth + " is too large; compress it"})
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		sizes = append(sizes, int64(len(data)))
		sum := sha256.Sum256(data)
		hash := hex.EncodeToString(sum[:])
		if m.SHA256 == "" {
			m.SHA256 = hash
		}
		if m.SHA256 != hash {
			broken = append(broken, platforms.Violation{Rule: "media_sha256", Threshold: m.SHA256, Value: hash, Message: nth + " is not the one that was named: its bytes differ"})
		}
		sniffed := http.DetectContentType(data)
		if m.MIME == "" {
			m.MIME = sniffed
		}
		if !strings.HasPrefix(sniffed, "image/") || m.MIME != sniffed {
			broken = append(broken, platforms.Violation{Rule: "media_type", Threshold: m.MIME, Value: sniffed, Message: nth + " is not an image of the type it claims"})
		}
		if cfg, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && m.Width == 0 && m.Height == 0 {
			m.Width, m.Height = cfg.Width, cfg.Height
		}
	}
	return sizes, broken, nil
}

// fetchAll fetches what was granted. Other bytes than the granted ones are Denied with GRANT_MISMATCH.
func (f images) fetchAll(ctx context.Context, media []Media, most int) ([][]byte, error) {
	all := make([][]byte, 0, len(media))
	for _, m := range media {
		data, err := f.fetch(ctx, m.URL, most)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		if hex.EncodeToString(sum[:]) != m.SHA256 {
			return nil, errs.New(errs.Denied, typev1.Reason_REASON_GRANT_MISMATCH, "an image changed since it was approved; propose the post again").With("url", m.URL)
		}
		all = append(all, data)
	}
	return all, nil
}

// fetch reads one image of at most most bytes. Errors: Denied for a forbidden address, Invalid for a missing
// or too large image, Unavailable and Timeout when its host fails.
func (f images) fetch(ctx context.Context, url string, most int) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "an image's address is not a URL").With("url", url)
	}
	res, err := f.http.Do(req)
	if err != nil {
		return nil, fetchError(err, url)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		kind, reason := errs.Invalid, typev1.Reason_REASON_INVALID
		if res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests {
			kind, reason = errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE
		}
		return nil, errs.Newf(kind, reason, "an image's host answers with status %d", res.StatusCode).With("url", url)
	}
	limit := bound(most)
	data, err := io.ReadAll(io.LimitReader(res.Body, int64(limit)+1))
	if err != nil {
		return nil, fetchError(err, url)
	}
	if len(data) > limit {
		return nil, errs.New(errs.Invalid, typev1.Reason_REASON_TOO_LARGE, "an image is too large for the platform").With("url", url)
	}
	return data, nil
}

func fetchError(err error, url string) error {
	var own *errs.Error
	if errors.As(err, &own) {
		return own
	}
	if e := errs.As(err); e.Kind != errs.Internal {
		return e
	}
	return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "an image cannot be fetched; try again later").With("url", url)
}

func bound(most int) int {
	if most <= 0 || most > maxImageBytes {
		return maxImageBytes
	}
	return most
}
