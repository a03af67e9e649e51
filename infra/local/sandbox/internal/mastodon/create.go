package mastodon

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/fault"
	"chimera/infra/local/sandbox/internal/ledger"
	"chimera/infra/local/sandbox/internal/richtext"
)

const (
	idempotencyWindow = time.Hour // as Mastodon
	urlCharacters     = 23        // what any link counts, whatever its length
	maxBodyBytes      = 1 << 20
)

var languagePattern = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z]{2,4})?$`)

type statusInput struct {
	Status      string          `json:"status"`
	MediaIDs    []string        `json:"media_ids"`
	SpoilerText string          `json:"spoiler_text"`
	Sensitive   bool            `json:"sensitive"`
	Visibility  string          `json:"visibility"`
	Language    string          `json:"language"`
	Poll        json.RawMessage `json:"poll"`
	ScheduledAt string          `json:"scheduled_at"`
	InReplyToID string          `json:"in_reply_to_id"`
}

func (a *API) createStatus(w http.ResponseWriter, r *http.Request) {
	owner, ok := a.authenticate(w, r)
	if !ok {
		return
	}
	in, ok := readStatus(w, r)
	if !ok {
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if len(key) > 1024 {
		unprocessable(w, "Idempotency-Key is longer than 1024 bytes")
		return
	}
	target := fault.Target{Platform: ledger.Mastodon, Op: "post.create", AccountID: owner.ID, Handle: owner.Handle, Authenticated: true}
	if a.Ledger.KeyUsed(ledger.Mastodon, owner.ID, key) {
		if f, hit := a.Faults.TakeKind(target, fault.ErrorOnExistingKey); hit {
			fail(w, f.Status, http.StatusText(f.Status))
			return
		}
	}
	window := idempotencyWindow
	if a.IgnoreIdempotencyKey {
		window = 0
	}
	// The key is looked up before anything is validated: a replay's media are attached by then.
	if earlier, used := a.Ledger.ByKey(ledger.Mastodon, owner.ID, key, window); used {
		a.replay(w, r, earlier)
		return
	}
	post, refusal := a.prepare(in, owner)
	if refusal != "" {
		unprocessable(w, "%s", refusal)
		return
	}
	post.Key = key
	if f, hit := a.Faults.TakeKind(target, fault.ReadLag); hit {
		post.VisibleAt = a.Now().Add(f.Delay(time.Second))
	}
	stored, outcome, err := a.Ledger.Create(post, window)
	switch {
	case errors.Is(err, ledger.ErrMediaTaken):
		unprocessable(w, "Media %s not found or already attached to another post", strings.Join(in.MediaIDs, ", "))
	case err != nil:
		storeError(w, err)
	case outcome == ledger.Unchanged: // a twin with the same key won the race
		a.replay(w, r, stored)
	default:
		reply(w, http.StatusOK, a.statusView(r, stored))
	}
}

// replay answers a used key. If its status was deleted, Mastodon does not find it any more.
func (a *API) replay(w http.ResponseWriter, r *http.Request, earlier ledger.Post) {
	if earlier.Deleted {
		fail(w, http.StatusNotFound, msgNotFound)
		return
	}
	reply(w, http.StatusOK, a.statusView(r, earlier))
}

// prepare returns a refusal in Mastodon's words, or "".
func (a *API) prepare(in statusInput, owner account.Account) (ledger.Post, string) {
	if in.Visibility == "" {
		in.Visibility = "public"
	}
	if in.Language == "" {
		in.Language = "en"
	}
	switch {
	case strings.TrimSpace(in.Status) == "" && len(in.MediaIDs) == 0:
		return ledger.Post{}, "Validation failed: Text can't be blank"
	case characters(in.Status)+characters(in.SpoilerText) > a.MaxCharacters:
		return ledger.Post{}, "Validation failed: Text character limit of " + strconv.Itoa(a.MaxCharacters) + " exceeded"
	case !slices.Contains([]string{"public", "unlisted", "private", "direct"}, in.Visibility):
		return ledger.Post{}, "Validation failed: Visibility is not included in the list"
	case !languagePattern.MatchString(in.Language):
		return ledger.Post{}, "Validation failed: Language is not a known language"
	case len(in.MediaIDs) > a.MaxMedia:
		return ledger.Post{}, "Validation failed: Cannot attach more than " + strconv.Itoa(a.MaxMedia) + " files"
	case in.Poll != nil || in.ScheduledAt != "" || in.InReplyToID != "":
		return ledger.Post{}, "The sandbox does not do polls, scheduled posts and replies"
	}
	images, refusal := a.attachments(in.MediaIDs, owner)
	if refusal != "" {
		return ledger.Post{}, refusal
	}
	id := strconv.FormatInt(a.Ledger.NextID(), 10)
	return ledger.Post{
		ID: PageID(id), NativeID: id, Platform: ledger.Mastodon, Account: owner.ID, Handle: owner.Handle,
		Author: owner.DisplayName, Bot: owner.Bot, Text: in.Status, Spoiler: in.SpoilerText,
		Sensitive: in.Sensitive || in.SpoilerText != "", Visibility: in.Visibility, Langs: []string{in.Language}, Media: images,
	}, ""
}

// characters counts as Mastodon does: graphemes, and any link as 23.
func characters(text string) int {
	count, done := 0, 0
	for _, at := range richtext.URLs(text) {
		count += uniseg.GraphemeClusterCount(text[done:at[0]]) + urlCharacters
		done = at[1]
	}
	return count + uniseg.GraphemeClusterCount(text[done:])
}

// readStatus takes JSON, or a form in either encoding. It answers by itself on false.
func readStatus(w http.ResponseWriter, r *http.Request) (statusInput, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var in statusInput
	var err error
	switch kind {
	case "application/json":
		err = json.NewDecoder(r.Body).Decode(&in)
	case "multipart/form-data":
		err = r.ParseMultipartForm(maxBodyBytes)
	default:
		err = r.ParseForm()
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		fail(w, http.StatusRequestEntityTooLarge, "Request body is too large")
		return in, false
	}
	if err != nil {
		fail(w, http.StatusBadRequest, "Error parsing request parameters")
		return in, false
	}
	if kind != "application/json" {
		in = statusInput{
			Status: r.PostFormValue("status"), SpoilerText: r.PostFormValue("spoiler_text"),
			MediaIDs: append(r.PostForm["media_ids[]"], r.PostForm["media_ids"]...), Visibility: r.PostFormValue("visibility"),
			Language: r.PostFormValue("language"), ScheduledAt: r.PostFormValue("scheduled_at"), InReplyToID: r.PostFormValue("in_reply_to_id"),
		}
		in.Sensitive = slices.Contains([]string{"true", "1", "on"}, r.PostFormValue("sensitive"))
	}
	return in, true
}
