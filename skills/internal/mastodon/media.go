package mastodon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/platformhttp"
)

const (
	// maxPolls and pollEvery bound the wait for a server that processes media later; the context may end it sooner.
	maxPolls  = 30
	pollEvery = 500 * time.Millisecond
)

// Upload stores an image with its description and waits until the server has processed it. Nobody sees it
// until a status names it. Timeout if processing does not end.
func (c *Client) Upload(ctx context.Context, a Account, data []byte, mime, description string) (id string, err error) {
	if err := a.signedIn(); err != nil {
		return "", err
	}
	body, contentType, err := form(data, mime, description)
	if err != nil {
		return "", errs.As(err)
	}
	var out struct {
		ID string `json:"id"`
	}
	status, err := c.call(ctx, a, request{method: http.MethodPost, path: "/api/v2/media", header: http.Header{"Content-Type": {contentType}}, body: body}, &out)
	if err != nil {
		return "", err
	}
	if !validID(out.ID) {
		return "", platformhttp.Garbled(errors.New("upload: answer lacks a usable id"), false)
	}
	for polls := 0; status == http.StatusAccepted || status == http.StatusPartialContent; polls++ {
		if polls == maxPolls {
			return "", errs.New(errs.Timeout, typev1.Reason_REASON_TIMEOUT, "the platform does not finish processing the image; try again later")
		}
		select {
		case <-ctx.Done():
			return "", errs.As(ctx.Err())
		case <-time.After(pollEvery):
		}
		if status, err = c.call(ctx, a, request{method: http.MethodGet, path: "/api/v1/media/" + out.ID}, nil); err != nil {
			return "", err
		}
	}
	return out.ID, nil
}

func form(data []byte, mime, description string) (body []byte, contentType string, err error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="image"`}, "Content-Type": {mime},
	})
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = w.WriteField("description", description)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, "", fmt.Errorf("media form: %w", err)
	}
	return buf.Bytes(), w.FormDataContentType(), nil
}
