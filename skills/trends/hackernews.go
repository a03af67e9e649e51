package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

const (
	hackerNewsName  = "Hacker News"
	storiesAtOnce   = 8
	minStoriesAsked = 10
)

type story struct {
	ID      int64  `json:"id"`
	Type    string `json:"type"`
	Title   string `json:"title"`
	URL     string `json:"url"`
	Text    string `json:"text"`
	Time    int64  `json:"time"`
	Dead    bool   `json:"dead"`
	Deleted bool   `json:"deleted"`
}

// readHackerNews takes the top stories by the Firebase API: a list of ids, then one request per story. Single
// stories that fail are left out.
func (c *collector) readHackerNews(ctx context.Context, limit int) (source, error) {
	var ids []int64
	if err := c.getJSON(ctx, "/v0/topstories.json", &ids); err != nil {
		return source{}, err
	}
	ids = ids[:min(len(ids), max(limit, minStoriesAsked))]
	stories := make([]story, len(ids))
	failed := make([]error, len(ids))
	g := errgroup.Group{}
	g.SetLimit(storiesAtOnce)
	for i, id := range ids {
		g.Go(func() error {
			failed[i] = c.getJSON(ctx, fmt.Sprintf("/v0/item/%d.json", id), &stories[i])
			return nil
		})
	}
	_ = g.Wait() // failures are in their slots
	s := source{title: hackerNewsName}
	for i, st := range stories {
		if failed[i] == nil && st.Type == "story" && !st.Dead && !st.Deleted {
			if it := st.item(); it.title != "" {
				s.items = append(s.items, it)
			}
		}
	}
	if len(s.items) == 0 && len(ids) > 0 && failed[0] != nil {
		return source{}, failed[0]
	}
	return s, nil
}

func (st story) item() item {
	discussion := fmt.Sprintf("https://news.ycombinator.com/item?id=%d", st.ID)
	it := item{title: clip(clean(htmlText(st.Title)), maxTitle), summary: clip(clean(htmlText(st.Text)), maxSummary), source: hackerNewsName}
	if st.Time > 0 {
		it.published = time.Unix(st.Time, 0)
	}
	if it.url = publicLink(&url.URL{}, st.URL); it.url == "" {
		it.url = discussion
	}
	return it
}

func (c *collector) getJSON(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.hackerNews+path, nil)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "CHIMERA_HACKER_NEWS_URL is not a URL")
	}
	req.Header.Set("User-Agent", userAgent)
	res, err := c.client.Do(req)
	if err != nil {
		return transportError(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return statusError(res)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_OUTPUT_INVALID, "Hacker News answered something unreadable")
	}
	return nil
}
