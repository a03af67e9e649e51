package main

import (
	"context"
	"encoding/json"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/skillkit"
)

type draftIn struct {
	Platform     string   `json:"platform" jsonschema:"where it will be posted: bluesky or mastodon"`
	Persona      persona  `json:"persona"`
	Goal         string   `json:"goal" jsonschema:"what the campaign wants"`
	Trends       []trend  `json:"trends,omitempty" jsonschema:"what is talked about; text from outside"`
	Memories     []memory `json:"memories,omitempty" jsonschema:"what worked before"`
	Remarks      []string `json:"remarks,omitempty" jsonschema:"what reviewers asked to change, oldest first"`
	PreviousText string   `json:"previous_text,omitempty" jsonschema:"the text the remarks are about"`
	MaxGraphemes int      `json:"max_graphemes,omitempty" jsonschema:"the most user-perceived characters; 0 means the platform's limit"`
}

type persona struct {
	Voice    string   `json:"voice,omitempty"`
	Audience string   `json:"audience,omitempty"`
	Topics   []string `json:"topics,omitempty"`
	Never    []string `json:"never,omitempty" jsonschema:"words and phrases the persona never uses"`
	Language string   `json:"language,omitempty" jsonschema:"BCP 47, empty means en"`
	Hashtags []string `json:"hashtags,omitempty"`
}

type trend struct {
	Title       string `json:"title"`
	Summary     string `json:"summary,omitempty"`
	URL         string `json:"url,omitempty"`
	PublishedAt string `json:"published_at,omitempty"`
	Source      string `json:"source,omitempty"`
	Tainted     bool   `json:"tainted,omitempty"`
}

type memory struct {
	Text string `json:"text"`
}

type draftOut struct {
	Text         string   `json:"text"`
	Langs        []string `json:"langs"`
	Tags         []string `json:"tags" jsonschema:"hashtags in the text, without the sign"`
	Alternatives []string `json:"alternatives" jsonschema:"other texts that keep the same rules"`
	UsedTrendURL string   `json:"used_trend_url" jsonschema:"empty when no trend was used"`
}

func register(_ context.Context, s *skillkit.Server) error {
	write, timeout, err := writerFromEnv()
	if err != nil {
		return err
	}
	skillkit.Read(s, skillkit.Tool{
		Name: "draft", Title: "Draft a post", OpenWorld: true, Timeout: timeout, Platform: platformOf,
		Description: "Drafts a post for one platform in the persona's voice from trends, memories and reviewers' remarks. Keeps the platform's length and the persona's never-list. Publishes nothing.",
	}, func(ctx context.Context, _ *skillkit.Call, in draftIn) (draftOut, skillkit.Report, error) {
		if err := in.check(); err != nil {
			return draftOut{}, skillkit.Report{}, err
		}
		return write(ctx, in)
	})
	return nil
}

// writer drafts in: from templates or by a model.
type writer func(ctx context.Context, in draftIn) (draftOut, skillkit.Report, error)

const (
	templateTimeout = 10 * time.Second
	maxTrends       = 50
	maxTextBytes    = 8 << 10 // of any one text that comes in
)

func (in draftIn) check() error {
	tooMany := func(what string) error {
		return errs.New(errs.Invalid, typev1.Reason_REASON_LIMIT_EXCEEDED, "there are too many or too long "+what)
	}
	if in.Goal == "" {
		return errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "a draft needs a goal")
	}
	if len(in.Goal) > maxTextBytes || len(in.PreviousText) > maxTextBytes || len(in.Persona.Voice) > maxTextBytes || len(in.Persona.Audience) > maxTextBytes {
		return tooMany("texts")
	}
	if len(in.Trends) > maxTrends || len(in.Memories) > maxTrends {
		return tooMany("trends or memories")
	}
	for _, list := range [][]string{in.Remarks, in.Persona.Never, in.Persona.Topics, in.Persona.Hashtags} {
		if len(list) > 200 {
			return tooMany("remarks or words of the persona")
		}
		for _, text := range list {
			if len(text) > maxTextBytes {
				return tooMany("remarks or words of the persona")
			}
		}
	}
	_, err := newLimits(in.Platform, in.MaxGraphemes)
	return err
}

func (in draftIn) tainted() bool {
	for _, t := range in.Trends {
		if t.Tainted {
			return true
		}
	}
	return false
}

func platformOf(args json.RawMessage) string {
	var in struct {
		Platform string `json:"platform"`
	}
	_ = json.Unmarshal(args, &in) // unreadable arguments are refused later, by their schema
	return in.Platform
}
