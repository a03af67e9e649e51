package timeline

import (
	"regexp"
	"slices"
	"strings"

	"chimera/infra/local/sandbox/internal/ledger"
	"chimera/infra/local/sandbox/internal/richtext"
)

type postView struct {
	ledger.Post
	Segments    []richtext.Segment
	Images      []imageView
	Disclosure  string // how the post says that AI made it; "" if it does not
	PlatformTag string
	Initial     string
	Lang        string
	Warning     string // what must be clicked away before the post shows
	When, Stamp string
}

type imageView struct {
	CID, Alt      string
	Width, Height int
	Video         bool
}

func (p *Pages) viewOf(post ledger.Post) postView {
	v := postView{
		Post: post, PlatformTag: strings.ToUpper(post.Platform[:1]) + post.Platform[1:], Warning: post.Spoiler,
		When: post.CreatedAt.UTC().Format("2 Jan 2006, 15:04 UTC"), Stamp: post.CreatedAt.UTC().Format("2006-01-02T15:04:05Z"),
	}
	if runes := []rune(post.Author); len(runes) > 0 {
		v.Initial = strings.ToUpper(string(runes[0]))
	}
	if len(post.Langs) > 0 {
		v.Lang = post.Langs[0]
	}
	if post.Platform == ledger.Bluesky {
		v.Segments = richtext.Linked(post.Text, post.Links)
	} else {
		v.Segments = richtext.Plain(post.Text)
	}
	markedAI := false
	for _, image := range post.Media {
		m, ok := p.Ledger.Media(image.MediaID)
		if !ok {
			continue
		}
		markedAI = markedAI || m.MarkedAI
		v.Images = append(v.Images, imageView{
			CID: image.CID, Alt: image.Alt, Width: m.Width, Height: m.Height,
			Video: strings.HasPrefix(m.MIME, "video/"),
		})
	}
	v.Disclosure = disclosure(post, markedAI)
	if v.Warning == "" && slices.ContainsFunc(post.Labels, needsWarning) {
		v.Warning = "Sensitive: " + strings.Join(post.Labels, ", ")
	}
	return v
}

// The global label values on which the networks' own apps hide a post.
func needsWarning(label string) bool {
	return slices.Contains([]string{"!warn", "porn", "sexual", "nudity", "graphic-media"}, label)
}

var (
	aiLabel = regexp.MustCompile(`(?i)(^|[^a-z])ai($|[^a-z])|synthetic`)
	// No platform here has a field for it, so a post discloses in words; these are the usual ones.
	aiWords = regexp.MustCompile(`(?i)\b(ai[ -](generated|assisted|made|written)|(made|written|created|drafted|generated) (with|by) (the help of )?ai)\b|#ai(generated|assisted|art)?\b`)
)

// disclosure names the strongest sign, from label over words to the file's own mark.
func disclosure(post ledger.Post, markedAI bool) string {
	switch {
	case slices.ContainsFunc(post.Labels, aiLabel.MatchString):
		return "AI label"
	case aiWords.MatchString(post.Text + " " + post.Spoiler):
		return "AI disclosed in text"
	case markedAI:
		return "AI mark in image file"
	}
	return ""
}
