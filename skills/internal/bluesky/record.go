package bluesky

import (
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"chimera/services/kit/grant/tid"
)

const (
	collection     = "app.bsky.feed.post"
	imagesEmbed    = "app.bsky.embed.images"
	selfLabelsType = "com.atproto.label.defs#selfLabels"
)

// Record is an app.bsky.feed.post.
type Record struct {
	Type      string      `json:"$type"`
	Text      string      `json:"text"`
	CreatedAt string      `json:"createdAt"`
	Langs     []string    `json:"langs,omitempty"`
	Tags      []string    `json:"tags,omitempty"`
	Facets    []Facet     `json:"facets,omitempty"`
	Embed     *Embed      `json:"embed,omitempty"`
	Labels    *SelfLabels `json:"labels,omitempty"`
}

// Embed holds images; posts of others may hold other embeds, whose images are empty.
type Embed struct {
	Type   string  `json:"$type"`
	Images []Image `json:"images"`
}

// Image is a picture of a post. AspectRatio is nil when the size is not known.
type Image struct {
	Alt         string       `json:"alt"`
	Blob        Blob         `json:"image"`
	AspectRatio *AspectRatio `json:"aspectRatio,omitempty"`
}

// AspectRatio is in pixels.
type AspectRatio struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// Blob names uploaded bytes by their hash.
type Blob struct {
	Type string `json:"$type"`
	Ref  struct {
		Link string `json:"$link"`
	} `json:"ref"`
	MIME string `json:"mimeType"`
	Size int64  `json:"size"`
}

// SelfLabels are the author's own labels.
type SelfLabels struct {
	Type   string  `json:"$type"`
	Values []Label `json:"values"`
}

// Label is one value, such as "ai-generated".
type Label struct {
	Val string `json:"val"`
}

// Post is what a record is made of. Tags are those that do not stand in the text.
type Post struct {
	Text                string
	Langs, Tags, Labels []string
	Images              []Image
}

// NewRecord is the record of a post under a key. The same post and key give the same bytes. It fails with
// Invalid if the key is no TID.
func NewRecord(p Post, rkey string) (Record, error) {
	at, err := tid.Time(rkey)
	if err != nil {
		return Record{}, err
	}
	r := Record{Type: collection, Text: p.Text, CreatedAt: at.Format("2006-01-02T15:04:05.000Z"), Langs: p.Langs, Tags: p.Tags, Facets: Facets(p.Text)}
	if len(p.Images) > 0 {
		r.Embed = &Embed{imagesEmbed, p.Images}
	}
	if len(p.Labels) > 0 {
		r.Labels = &SelfLabels{Type: selfLabelsType}
		for _, l := range p.Labels {
			r.Labels.Values = append(r.Labels.Values, Label{l})
		}
	}
	return r, nil
}

// LabelValues are the self-labels.
func (r Record) LabelValues() []string {
	if r.Labels == nil {
		return nil
	}
	values := make([]string, 0, len(r.Labels.Values))
	for _, v := range r.Labels.Values {
		values = append(values, v.Val)
	}
	return values
}

// Images are the pictures; nil for other embeds.
func (r Record) Images() []Image {
	if r.Embed == nil {
		return nil
	}
	return r.Embed.Images
}

// Matches reports whether a reader sees the same post: text, languages, tags, labels, and images by hash and
// alt text. The time and what a server adds are left out.
func (r Record) Matches(want Record) bool {
	return r.Text == want.Text && slices.Equal(r.Langs, want.Langs) && slices.Equal(r.Tags, want.Tags) &&
		slices.Equal(r.LabelValues(), want.LabelValues()) &&
		slices.EqualFunc(r.Images(), want.Images(), func(a, b Image) bool { return a.Alt == b.Alt && a.Blob.Ref.Link == b.Blob.Ref.Link })
}

var cidEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// rawCID is the head of a CIDv1 of raw bytes hashed with SHA-256 (32 bytes).
var rawCID = []byte{0x01, 0x55, 0x12, 0x20}

// BlobOf names the bytes with this hex SHA-256 as the platform names them. Without MIME type and size it
// serves comparison only.
func BlobOf(sha256Hex string) (Blob, error) {
	sum, err := hex.DecodeString(sha256Hex)
	if err != nil || len(sum) != 32 {
		return Blob{}, fmt.Errorf("sha256: want 64 hex characters")
	}
	b := Blob{Type: "blob"}
	b.Ref.Link = "b" + strings.ToLower(cidEncoding.EncodeToString(append(slices.Clone(rawCID), sum...)))
	return b, nil
}

// SHA256 is the hex hash inside the blob's name; empty if it is named by another scheme.
func (b Blob) SHA256() string {
	text, ok := strings.CutPrefix(b.Ref.Link, "b")
	raw, err := cidEncoding.DecodeString(strings.ToUpper(text))
	if !ok || err != nil || len(raw) != 36 || !slices.Equal(raw[:4], rawCID) {
		return ""
	}
	return hex.EncodeToString(raw[4:])
}
