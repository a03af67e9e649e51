package mastodon

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/fault"
	"chimera/infra/local/sandbox/internal/ledger"
)

const (
	maxMediaBytes  = 16 << 20
	maxDescription = 1500 // characters
)

var mediaTypes = []string{"image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/webm"}

func (a *API) uploadMedia(w http.ResponseWriter, r *http.Request) {
	owner, ok := a.authenticate(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxMediaBytes+maxBodyBytes)
	file, header, err := r.FormFile("file")
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || err == nil && header.Size > maxMediaBytes {
		unprocessable(w, "Validation failed: File file size must be less than %d MB", maxMediaBytes>>20)
		return
	}
	if err != nil {
		unprocessable(w, "Validation failed: File can't be blank")
		return
	}
	defer func() { _ = file.Close() }()
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	data, err := io.ReadAll(file)
	if err != nil {
		fail(w, http.StatusBadRequest, "Error parsing request parameters")
		return
	}
	media := ledger.Media{
		ID: strconv.FormatInt(a.Ledger.NextID(), 10), Platform: ledger.Mastodon, Account: owner.ID,
		MIME: http.DetectContentType(data), Alt: r.FormValue("description"), Focus: r.FormValue("focus"), ReadyAt: a.Now(),
	}
	if !slices.Contains(mediaTypes, media.MIME) {
		unprocessable(w, "Validation failed: File content type is invalid")
		return
	}
	if utf8.RuneCountInString(media.Alt) > maxDescription {
		unprocessable(w, "Validation failed: Description character limit of %d exceeded", maxDescription)
		return
	}
	target := fault.Target{Platform: ledger.Mastodon, Op: "media.upload", AccountID: owner.ID, Handle: owner.Handle, Authenticated: true}
	status := http.StatusOK
	if f, hit := a.Faults.TakeKind(target, fault.MediaProcessing); hit {
		media.ReadyAt, status = a.Now().Add(f.Delay(time.Second)), http.StatusAccepted
	}
	stored, err := a.Ledger.AddMedia(media, data)
	if err != nil {
		storeError(w, err)
		return
	}
	reply(w, status, a.mediaView(r, stored))
}

func (a *API) getMedia(w http.ResponseWriter, r *http.Request) {
	media, ok := a.ownMedia(w, r)
	if !ok {
		return
	}
	status := http.StatusOK
	if media.ReadyAt.After(a.Now()) {
		status = http.StatusPartialContent // "still being processed", in Mastodon's tongue
	}
	reply(w, status, a.mediaView(r, media))
}

func (a *API) updateMedia(w http.ResponseWriter, r *http.Request) {
	media, ok := a.ownMedia(w, r)
	if !ok {
		return
	}
	in, ok := readMediaUpdate(w, r)
	if !ok {
		return
	}
	if in.Description == nil {
		in.Description = &media.Alt
	}
	if in.Focus == nil {
		in.Focus = &media.Focus
	}
	if utf8.RuneCountInString(*in.Description) > maxDescription {
		unprocessable(w, "Validation failed: Description character limit of %d exceeded", maxDescription)
		return
	}
	changed, err := a.Ledger.Describe(media.ID, *in.Description, *in.Focus)
	if err != nil {
		storeError(w, err)
		return
	}
	reply(w, http.StatusOK, a.mediaView(r, changed))
}

// ownMedia finds an upload of the caller that no status has yet: others are "not found" on Mastodon.
func (a *API) ownMedia(w http.ResponseWriter, r *http.Request) (ledger.Media, bool) {
	owner, ok := a.authenticate(w, r)
	if !ok {
		return ledger.Media{}, false
	}
	media, found := a.Ledger.Media(r.PathValue("id"))
	if !found || media.Platform != ledger.Mastodon || media.Account != owner.ID || media.Attached {
		fail(w, http.StatusNotFound, msgNotFound)
		return ledger.Media{}, false
	}
	return media, true
}

// attachments returns a refusal in Mastodon's words, or "".
func (a *API) attachments(ids []string, owner account.Account) ([]ledger.Image, string) {
	var images []ledger.Image
	for _, id := range ids {
		media, found := a.Ledger.Media(id)
		if !found || media.Platform != ledger.Mastodon || media.Account != owner.ID || media.Attached {
			return nil, fmt.Sprintf("Media %s not found or already attached to another post", strings.Join(ids, ", "))
		}
		if media.ReadyAt.After(a.Now()) {
			return nil, "Cannot attach files that have not finished processing. Try again in a moment!"
		}
		images = append(images, ledger.Image{MediaID: media.ID, CID: media.CID, Alt: media.Alt})
	}
	return images, ""
}

// mediaView has no url while the upload is being processed.
func (a *API) mediaView(r *http.Request, m ledger.Media) map[string]any {
	kind, _, _ := strings.Cut(m.MIME, "/")
	var link any
	if !m.ReadyAt.After(a.Now()) {
		link = a.BaseURL(r) + "/media/" + m.CID
	}
	var alt any
	if m.Alt != "" {
		alt = m.Alt
	}
	return map[string]any{
		"id": m.ID, "type": kind, "url": link, "preview_url": link, "remote_url": nil,
		"description": alt, "blurhash": nil, "meta": map[string]any{"original": map[string]int{"width": m.Width, "height": m.Height}},
	}
}
