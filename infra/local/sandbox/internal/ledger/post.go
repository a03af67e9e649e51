// Package ledger keeps what the sandbox platforms were told: posts, media and counts, as an
// append-only file of JSON lines, so that a restart shows the same timeline and a checker can
// count every creation that ever happened.
package ledger

import (
	"encoding/json"
	"time"
)

const (
	Bluesky  = "bluesky"
	Mastodon = "mastodon"
)

// Post is one post of either platform. Values handed out are never changed in place.
type Post struct {
	Seq      int64  `json:"seq"` // order of creation, from 1
	ID       string `json:"id"`  // page id: platform, then the platform's own identifiers
	Platform string `json:"platform"`
	Account  string `json:"account"` // DID or numeric account id
	Handle   string `json:"handle"`
	Author   string `json:"author"` // display name when posted
	Bot      bool   `json:"bot,omitempty"`
	NativeID string `json:"native_id"`     // rkey or status id
	Key      string `json:"key,omitempty"` // what the client chose against doubles: rkey or Idempotency-Key

	Text       string   `json:"text"`
	Links      []Link   `json:"links,omitempty"` // Bluesky facets; Mastodon links are found in the text
	Spoiler    string   `json:"spoiler,omitempty"`
	Sensitive  bool     `json:"sensitive,omitempty"`
	Visibility string   `json:"visibility,omitempty"`
	Langs      []string `json:"langs,omitempty"`
	Labels     []string `json:"labels,omitempty"`
	ReplyTo    string   `json:"reply_to,omitempty"`
	Media      []Image  `json:"media,omitempty"`

	Record json.RawMessage `json:"record,omitempty"` // Bluesky: the record as it was sent
	CID    string          `json:"cid,omitempty"`

	CreatedAt time.Time `json:"created_at"` // the platform's clock
	// VisibleAt is later than CreatedAt when read lag was injected; reads before it do not see the post.
	VisibleAt time.Time `json:"visible_at"`
	Deleted   bool      `json:"deleted,omitempty"`
	Counts    Counts    `json:"counts"`
}

// Link is a link over text[Start:End], in UTF-8 bytes.
type Link struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	URI   string `json:"uri"`
}

// Image is a picture as one post shows it: Media.ID and the text for those who cannot see it.
type Image struct {
	MediaID string `json:"media_id"`
	CID     string `json:"cid"`
	Alt     string `json:"alt"`
}

// Counts are what readers did with a post.
type Counts struct {
	Likes   int64 `json:"likes"`
	Reposts int64 `json:"reposts"`
	Replies int64 `json:"replies"`
	Quotes  int64 `json:"quotes"`
}

// Media is an upload. Its bytes lie in blobs/<CID>; equal bytes are stored once.
type Media struct {
	ID       string    `json:"id"` // Mastodon: numeric; Bluesky: "<did>/<cid>"
	Platform string    `json:"platform"`
	Account  string    `json:"account"`
	CID      string    `json:"cid"`
	MIME     string    `json:"mime"`
	Size     int64     `json:"size"` // bytes
	Alt      string    `json:"alt,omitempty"`
	Focus    string    `json:"focus,omitempty"`
	Width    int       `json:"width,omitempty"`
	Height   int       `json:"height,omitempty"`
	Attached bool      `json:"attached,omitempty"`
	ReadyAt  time.Time `json:"ready_at"` // later than the upload when slow processing was injected
	// MarkedAI: the file carries the IPTC digital source type of generated media (XMP or C2PA).
	MarkedAI bool `json:"marked_ai,omitempty"`
}
