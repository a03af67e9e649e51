package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"chimera/services/kit/platforms"
)

// Post is what publish is called with. What is left out gets a default in the proposal.
type Post struct {
	Platform       string      `json:"platform" jsonschema:"bluesky or mastodon"`
	AccountID      string      `json:"account_id" jsonschema:"the account to publish as"`
	Text           string      `json:"text,omitempty" jsonschema:"the text as readers will see it"`
	Langs          []string    `json:"langs,omitempty" jsonschema:"BCP 47 language tags of the text"`
	Media          []Media     `json:"media,omitempty" jsonschema:"images, in order"`
	ContentWarning string      `json:"content_warning,omitempty" jsonschema:"shown before the text; only on platforms that have it"`
	Visibility     string      `json:"visibility,omitempty" jsonschema:"public, unlisted or private; only public on Bluesky"`
	SelfLabels     []string    `json:"self_labels,omitempty" jsonschema:"the author's own content labels"`
	Tags           []string    `json:"tags,omitempty" jsonschema:"hashtags without the sign"`
	Disclosure     *Disclosure `json:"disclosure,omitempty" jsonschema:"left out means AI-generated"`
}

// Payload is a Post with everything filled in: the exact arguments that a grant binds.
type Payload struct {
	Platform       string      `json:"platform"`
	AccountID      string      `json:"account_id"`
	Text           string      `json:"text"`
	Langs          []string    `json:"langs"`
	Media          []Media     `json:"media"`
	ContentWarning string      `json:"content_warning"`
	Visibility     string      `json:"visibility"`
	SelfLabels     []string    `json:"self_labels"`
	Tags           []string    `json:"tags"`
	Disclosure     *Disclosure `json:"disclosure"`
}

// Media is an image by address. SHA256 (hex) binds its bytes; Width and Height are pixels, 0 when unknown.
type Media struct {
	URL    string `json:"url"`
	SHA256 string `json:"sha256,omitempty" jsonschema:"filled in by the proposal when left out"`
	MIME   string `json:"mime,omitempty"`
	Alt    string `json:"alt" jsonschema:"what the image shows, for those who cannot see it"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

// Disclosure says how the content came about (R10.6).
type Disclosure struct {
	AIGenerated bool   `json:"ai_generated"`
	Method      string `json:"method,omitempty"`
}

// complete fills in defaults. Missing disclosure means AI-generated: silence must not hide it.
func complete(in Post) Payload {
	p := Payload(in)
	p.Langs, p.SelfLabels = orEmpty(p.Langs), orEmpty(p.SelfLabels)
	p.Media = append([]Media{}, p.Media...)
	p.Tags = []string{}
	for _, tag := range in.Tags {
		if tag = strings.TrimLeft(strings.TrimSpace(tag), "#＃"); tag != "" && !slices.Contains(p.Tags, tag) {
			p.Tags = append(p.Tags, tag)
		}
	}
	if p.Visibility == "" {
		p.Visibility = "public"
	}
	if p.Disclosure == nil {
		p.Disclosure = &Disclosure{AIGenerated: true, Method: "unspecified"}
	}
	return p
}

// disclose puts the platform's AI disclosure into what is published, and so under the grant.
func disclose(p Payload, rule platforms.Disclosure) Payload {
	if p.Disclosure.AIGenerated {
		p.Text, p.SelfLabels = rule.Apply(p.Text, p.SelfLabels)
	}
	return p
}

// same reports whether a call's arguments are the payload, but for empty fields left out.
func same(in Post, p Payload) bool {
	a, errA := json.Marshal(in)
	b, errB := json.Marshal(Post(p))
	return errA == nil && errB == nil && reflect.DeepEqual(a, b)
}

func (p Payload) content(sizes []int64) platforms.Content {
	c := platforms.Content{Text: p.Text, ContentWarning: p.ContentWarning, Langs: p.Langs, Tags: p.Tags}
	for i, m := range p.Media {
		media := platforms.Media{MIME: m.MIME, Alt: m.Alt}
		if i < len(sizes) {
			media.Bytes = sizes[i]
		}
		c.Media = append(c.Media, media)
	}
	return c
}

func orEmpty(s []string) []string { return append([]string{}, s...) }
