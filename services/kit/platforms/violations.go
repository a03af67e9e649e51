package platforms

import (
	"fmt"
	"strconv"

	"github.com/rivo/uniseg"
)

// Content is what is about to be posted.
type Content struct {
	Text           string
	ContentWarning string
	Langs, Tags    []string
	Media          []Media
}

// Media is one image. Bytes is 0 while the size is not known.
type Media struct {
	MIME  string
	Alt   string
	Bytes int64
}

// Violation is one broken rule with what was allowed and what was found.
type Violation struct {
	Rule      string `json:"rule"`
	Threshold string `json:"threshold"`
	Value     string `json:"value"`
	Message   string `json:"message"`
}

// Violations lists every broken rule, in a fixed order; nil when the platform would take the post.
func Violations(r Rules, c Content) []Violation {
	f := &finder{}
	if c.Text == "" && len(c.Media) == 0 {
		f.found = append(f.found, Violation{"not_empty", "text or media", "nothing", "the post is empty; write a text or attach an image"})
	}
	counted := c.Text
	if r.CountContentWarning {
		counted = c.ContentWarning + c.Text
	}
	unit := "max_chars"
	if r.MaxGraphemes > 0 {
		unit = "max_graphemes"
	}
	f.atMost(unit, r.Limit(), r.Count(counted), "the text is too long for "+r.Title+"; shorten it")
	f.atMost("max_bytes", r.MaxBytes, len(c.Text), "the text takes too many bytes; use fewer compound emoji")
	f.atMost("max_images", r.MaxImages, len(c.Media), "there are too many images; leave some out")
	for i, m := range c.Media {
		nth := fmt.Sprintf("image %d", i+1)
		f.atMost("max_image_bytes", r.MaxImageBytes, int(m.Bytes), nth+" is too large; compress it")
		f.atMost("max_alt_chars", r.MaxAltChars, uniseg.GraphemeClusterCount(m.Alt), nth+" has too long an alt text; shorten it")
		if r.AltRequired && m.Alt == "" {
			f.found = append(f.found, Violation{"alt_required", "an alt text per image", "none", nth + " needs an alt text"})
		}
	}
	f.atMost("max_langs", r.MaxLangs, len(c.Langs), "there are too many languages; name the main one")
	f.atMost("max_tags", r.MaxTags, len(c.Tags), "there are too many tags; leave some out")
	for _, tag := range c.Tags {
		f.atMost("max_tag_graphemes", r.MaxTagGraphemes, uniseg.GraphemeClusterCount(tag), "a tag is too long; shorten it")
	}
	return f.found
}

type finder struct{ found []Violation }

func (f *finder) atMost(rule string, limit, value int, message string) {
	if limit > 0 && value > limit {
		f.found = append(f.found, Violation{rule, strconv.Itoa(limit), strconv.Itoa(value), message})
	}
}
