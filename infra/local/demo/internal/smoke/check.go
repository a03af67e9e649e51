package smoke

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"time"

	"connectrpc.com/connect"

	platformv1 "chimera/gen/go/chimera/platform/v1"
)

// maxPage bounds a page that is fetched, in bytes.
const maxPage = 4 << 20

// changed tells a write that met a newer state: look again and decide again.
func changed(err error) bool {
	code := connect.CodeOf(err)
	return code == connect.CodeAborted || code == connect.CodeFailedPrecondition || code == connect.CodeAlreadyExists
}

// check holds one post to what it must be, and prints its way from goal to platform.
func (r *run) check(ctx context.Context, full *platformv1.GetPostResponse) error {
	post := full.GetPost()
	if state := full.GetEffect().GetState(); state != platformv1.EffectState_EFFECT_STATE_CONFIRMED {
		return fmt.Errorf("the effect of the %s post is %s, not confirmed", post.GetPlatform(), state)
	}
	if !post.GetReadBackMatches() {
		return fmt.Errorf("the %s post was read back, but is not what was approved", post.GetPlatform())
	}
	if post.GetApprovedBy() == "" {
		return fmt.Errorf("the %s post is published, but nobody approved it", post.GetPlatform())
	}
	if err := seen(ctx, post.GetUrl(), post.GetText()); err != nil {
		return err
	}
	r.Say(fmt.Sprintf("%s: %s shows the approved text", post.GetPlatform(), post.GetUrl()))
	r.timeline(full)
	return nil
}

// seen fetches the post as anybody would and looks for its words. The page is a web page or, on a bare PDS,
// the record as JSON; the words are compared without marks, because links and tags are set as links.
func seen(ctx context.Context, url, text string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for wait := 200 * time.Millisecond; ; wait *= 2 {
		page, err := fetch(ctx, url)
		if err == nil && strings.Contains(bare(page), bare(text)) {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("%s does not show the approved text", url)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the post cannot be seen on the platform: %w", err)
		case <-time.After(wait):
		}
	}
}

// fetch answers a page's text, or a bare PDS' record's.
func fetch(ctx context.Context, url string) (string, error) {
	body, err := get(ctx, http.DefaultClient, url)
	if err != nil {
		return "", err
	}
	var record struct {
		Value struct {
			Text string `json:"text"`
		} `json:"value"`
	}
	if json.Unmarshal(body, &record) == nil && record.Value.Text != "" {
		return record.Value.Text, nil
	}
	return string(body), nil
}

// get answers what is at url; another status than 200 is an error.
func get(ctx context.Context, browser *http.Client, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := browser.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxPage))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", url, res.Status)
	}
	return body, err
}

// bare is a text without tags, entities and white space.
func bare(text string) string {
	var b strings.Builder
	inTag := false
	for _, c := range text {
		switch {
		case c == '<':
			inTag = true
		case c == '>':
			inTag = false
		case !inTag:
			b.WriteRune(c)
		}
	}
	return strings.Join(strings.Fields(html.UnescapeString(b.String())), "")
}
