package atproto

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/cid"
	"chimera/infra/local/sandbox/internal/ledger"
)

const maxBlobBytes = 5 << 20 // the PDS's cap; the post lexicon's own for images is lower

func (a *API) uploadBlob(w http.ResponseWriter, r *http.Request) {
	owner, ok := a.authenticate(w, r, scopeAccess)
	if !ok {
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBlobBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		fail(w, http.StatusRequestEntityTooLarge, "PayloadTooLarge", "request entity too large")
		return
	case err != nil || len(data) == 0:
		badRequest(w, "InvalidRequest", "A request body was expected but none was provided")
		return
	case r.Header.Get("Content-Type") == "":
		badRequest(w, "InvalidRequest", "Request encoding (Content-Type) required but not provided")
		return
	}
	// The bytes decide, where they can be recognised; else the client's word.
	mime := http.DetectContentType(data)
	if mime == "application/octet-stream" {
		mime, _, _ = strings.Cut(r.Header.Get("Content-Type"), ";")
	}
	stored, err := a.Ledger.AddMedia(ledger.Media{
		ID: owner.ID + "/" + cid.Raw(data), Platform: ledger.Bluesky,
		Account: owner.ID, MIME: mime, ReadyAt: a.Now(),
	}, data)
	if err != nil {
		storeError(w, err)
		return
	}
	reply(w, map[string]any{"blob": map[string]any{
		"$type": "blob", "ref": map[string]string{"$link": stored.CID},
		"mimeType": stored.MIME, "size": stored.Size,
	}})
}

// images checks an embed's pictures against what was uploaded.
func (a *API) images(e *embed, owner account.Account) ([]ledger.Image, *problem) {
	if e == nil || e.Type != "app.bsky.embed.images" {
		return nil, nil // other embeds are kept in the record and not shown
	}
	if len(e.Images) > maxImages {
		return nil, invalid("/embed/images", "must not have more than %d elements", maxImages)
	}
	var images []ledger.Image
	for i, picture := range e.Images {
		path := fmt.Sprintf("/embed/images/%d", i)
		if picture.Alt == nil {
			return nil, invalid(path, `must have the property "alt"`)
		}
		if picture.Image.Type != "blob" {
			return nil, invalid(path+"/image", "should be a blob ref")
		}
		media, ok := a.Ledger.Media(owner.ID + "/" + picture.Image.Ref.Link)
		switch {
		case !ok:
			return nil, &problem{"BlobNotFound", "Could not find blob: " + picture.Image.Ref.Link}
		case picture.Image.MIME != media.MIME:
			return nil, &problem{"InvalidMimeType", fmt.Sprintf("Referenced Mimetype does not match stored blob. Expected: %s, Got: %s", media.MIME, picture.Image.MIME)}
		case !strings.HasPrefix(media.MIME, "image/"):
			return nil, &problem{"InvalidMimeType", fmt.Sprintf("Wrong type of file. It is %s but it must match image/*.", media.MIME)}
		case picture.Image.Size != media.Size:
			return nil, &problem{"InvalidSize", "Size of the referenced blob does not match the stored one"}
		case media.Size > maxImageBytes:
			return nil, &problem{"BlobTooLarge", fmt.Sprintf("This file is too large. It is %d bytes but the maximum size is %d bytes.", media.Size, maxImageBytes)}
		}
		images = append(images, ledger.Image{MediaID: media.ID, CID: media.CID, Alt: *picture.Alt})
	}
	return images, nil
}

// getBlob serves what a record refers to; a mere upload is not public yet.
func (a *API) getBlob(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	media, ok := a.Ledger.Media(q.Get("did") + "/" + q.Get("cid"))
	if !ok || !media.Attached {
		badRequest(w, "BlobNotFound", "Blob not found")
		return
	}
	file, mime, err := a.Ledger.Blob(media.CID)
	if err != nil {
		badRequest(w, "BlobNotFound", "Blob not found")
		return
	}
	defer func() { _ = file.Close() }()
	// An uploader chooses these bytes: no page may be made of them.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Content-Length", fmt.Sprint(media.Size))
	_, _ = io.Copy(w, file) // the client left: nobody to tell
}
