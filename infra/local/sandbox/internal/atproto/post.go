package atproto

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/cid"
	"chimera/infra/local/sandbox/internal/ledger"
)

// Limits of the app.bsky.feed.post lexicon.
const (
	maxGraphemes  = 300
	maxTextBytes  = 3000
	maxImages     = 4
	maxImageBytes = 2_000_000
	maxLangs      = 3
	maxTags       = 8
	maxLabels     = 10
)

type postRecord struct {
	Type      string    `json:"$type"`
	Text      *string   `json:"text"`
	CreatedAt string    `json:"createdAt"`
	Langs     []string  `json:"langs"`
	Tags      []string  `json:"tags"`
	Facets    []facet   `json:"facets"`
	Embed     *embed    `json:"embed"`
	Labels    *labels   `json:"labels"`
	Reply     *replyRef `json:"reply"`
}

type facet struct {
	Index struct {
		ByteStart *int `json:"byteStart"`
		ByteEnd   *int `json:"byteEnd"`
	} `json:"index"`
	Features []struct {
		Type string `json:"$type"`
		URI  string `json:"uri"`
		Tag  string `json:"tag"`
		DID  string `json:"did"`
	} `json:"features"`
}

type embed struct {
	Type   string `json:"$type"`
	Images []struct {
		Alt   *string `json:"alt"`
		Image blob    `json:"image"`
	} `json:"images"`
}

type blob struct {
	Type string `json:"$type"`
	Ref  struct {
		Link string `json:"$link"`
	} `json:"ref"`
	MIME string `json:"mimeType"`
	Size int64  `json:"size"`
}

type labels struct {
	Type   string `json:"$type"`
	Values []struct {
		Val string `json:"val"`
	} `json:"values"`
}

type replyRef struct {
	Parent struct {
		URI string `json:"uri"`
		CID string `json:"cid"`
	} `json:"parent"`
}

// problem is a refusal, worded as the PDS words it: "Record/…" names the path.
type problem struct{ name, message string }

func invalid(path, format string, args ...any) *problem {
	return &problem{"InvalidRequest", fmt.Sprintf("Invalid %s record: Record%s %s", postCollection, path, fmt.Sprintf(format, args...))}
}

// parsePost checks a record against the lexicon and reads from it what the timeline shows.
func (a *API) parsePost(raw json.RawMessage, owner account.Account) (ledger.Post, *problem) {
	var rec postRecord
	if err := json.Unmarshal(raw, &rec); err != nil {
		return ledger.Post{}, invalid("", "is malformed: %v", err)
	}
	id, err := cid.Record(raw)
	if err != nil {
		return ledger.Post{}, invalid("", "is malformed: %v", err)
	}
	if p := rec.checkText(); p != nil {
		return ledger.Post{}, p
	}
	links, p := rec.links()
	if p != nil {
		return ledger.Post{}, p
	}
	images, p := a.images(rec.Embed, owner)
	if p != nil {
		return ledger.Post{}, p
	}
	values, p := rec.Labels.values()
	if p != nil {
		return ledger.Post{}, p
	}
	post := ledger.Post{
		Platform: ledger.Bluesky, Account: owner.ID, Handle: owner.Handle, Author: owner.DisplayName,
		Bot: owner.Bot, Text: *rec.Text, Links: links, Langs: rec.Langs, Labels: values, Media: images,
		Visibility: "public", Record: compact(raw), CID: id,
	}
	if rec.Reply != nil {
		post.ReplyTo = rec.Reply.Parent.URI
	}
	return post, nil
}

func (r *postRecord) checkText() *problem {
	switch {
	case r.Type != postCollection:
		return &problem{"InvalidRequest", fmt.Sprintf("Invalid $type: expected %s, got %.80s", postCollection, r.Type)}
	case r.Text == nil:
		return invalid("", `must have the property "text"`)
	case len(*r.Text) > maxTextBytes:
		return invalid("/text", "must not be longer than %d characters", maxTextBytes)
	case uniseg.GraphemeClusterCount(*r.Text) > maxGraphemes:
		return invalid("/text", "must not be longer than %d graphemes", maxGraphemes)
	case r.CreatedAt == "":
		return invalid("", `must have the property "createdAt"`)
	case len(r.Langs) > maxLangs:
		return invalid("/langs", "must not have more than %d elements", maxLangs)
	case len(r.Tags) > maxTags:
		return invalid("/tags", "must not have more than %d elements", maxTags)
	}
	if _, err := time.Parse(time.RFC3339Nano, r.CreatedAt); err != nil {
		return invalid("/createdAt", "must be an valid atproto datetime (both RFC-3339 and ISO-8601)")
	}
	return nil
}

// links checks the facets. That they lie within the text and cut no character is stricter than the
// lexicon: a real PDS accepts such a facet and every app then shows the post wrong.
func (r *postRecord) links() ([]ledger.Link, *problem) {
	var links []ledger.Link
	for i, f := range r.Facets {
		path := fmt.Sprintf("/facets/%d/index", i)
		if f.Index.ByteStart == nil || f.Index.ByteEnd == nil {
			return nil, invalid(path, `must have the properties "byteStart" and "byteEnd"`)
		}
		start, end := *f.Index.ByteStart, *f.Index.ByteEnd
		switch {
		case start < 0:
			return nil, invalid(path+"/byteStart", "can not be less than 0")
		case end <= start || end > len(*r.Text):
			return nil, invalid(path+"/byteEnd", "must be after byteStart and within the text's %d bytes", len(*r.Text))
		case !boundary(*r.Text, start) || !boundary(*r.Text, end):
			return nil, invalid(path, "must not cut a UTF-8 character")
		case len(f.Features) == 0:
			return nil, invalid(fmt.Sprintf("/facets/%d", i), "must have features")
		}
		for j, feature := range f.Features {
			if strings.HasSuffix(feature.Type, "#link") {
				if feature.URI == "" {
					return nil, invalid(fmt.Sprintf("/facets/%d/features/%d", i, j), `must have the property "uri"`)
				}
				links = append(links, ledger.Link{Start: start, End: end, URI: feature.URI})
			}
		}
	}
	return links, nil
}

func boundary(text string, at int) bool { return at == len(text) || utf8.RuneStart(text[at]) }

func (l *labels) values() ([]string, *problem) {
	if l == nil {
		return nil, nil
	}
	if l.Type != "com.atproto.label.defs#selfLabels" {
		return nil, invalid("/labels", "must be com.atproto.label.defs#selfLabels")
	}
	if len(l.Values) > maxLabels {
		return nil, invalid("/labels/values", "must not have more than %d elements", maxLabels)
	}
	var values []string
	for i, v := range l.Values {
		if v.Val == "" || len(v.Val) > 128 {
			return nil, invalid(fmt.Sprintf("/labels/values/%d/val", i), "must be 1 to 128 characters")
		}
		values = append(values, v.Val)
	}
	return values, nil
}
