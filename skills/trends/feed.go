package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/mmcdole/gofeed"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

const (
	userAgent = "chimera-trends/0.1"
	// maxItems of one feed are kept: feeds put the newest first, and the cache must stay small.
	maxItems = 50
	// maxStale is how old a remembered answer may be to stand in for a feed that fails.
	maxStale = 6 * time.Hour
)

// readFeed asks a feed, conditionally if it answered before. When it fails, its last answer stands in.
func (c *collector) readFeed(ctx context.Context, address string) (source, error) {
	had, cached := c.cache.get(address)
	fresh, err := c.fetchFeed(ctx, address, had)
	if err == nil {
		c.cache.put(address, fresh)
		return source{title: fresh.title, items: fresh.items}, nil
	}
	if age := c.now().Sub(had.at); cached && age <= maxStale && errs.KindOf(err).Retryable() {
		return source{title: had.title, items: had.items, stale: max(age, time.Second)}, nil
	}
	return source{}, err
}

func (c *collector) fetchFeed(ctx context.Context, address string, had cachedFeed) (cachedFeed, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return cachedFeed{}, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_INVALID, "the feed's address is not a URL")
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5")
	if had.etag != "" {
		req.Header.Set("If-None-Match", had.etag)
	}
	if had.modified != "" {
		req.Header.Set("If-Modified-Since", had.modified)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return cachedFeed{}, transportError(err)
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotModified && !had.at.IsZero():
		had.at = c.now()
		return had, nil
	case res.StatusCode != http.StatusOK:
		return cachedFeed{}, statusError(res)
	}
	body, err := io.ReadAll(res.Body) // the client bounds it
	if err != nil {
		return cachedFeed{}, transportError(err)
	}
	if body = withoutControls(body); tooDeep(body) {
		return cachedFeed{}, errs.New(errs.Invalid, typev1.Reason_REASON_OUTPUT_INVALID, "the feed nests deeper than any feed does")
	}
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil {
		return cachedFeed{}, errs.Wrap(err, errs.Invalid, typev1.Reason_REASON_OUTPUT_INVALID, "the feed is neither RSS nor Atom")
	}
	return cachedFeed{
		etag: headerValue(res, "ETag"), modified: headerValue(res, "Last-Modified"), at: c.now(),
		title: clip(clean(htmlText(feed.Title)), maxTitle), items: itemsOf(feed, res.Request.URL),
	}, nil
}

func itemsOf(feed *gofeed.Feed, base *url.URL) []item {
	name := clip(clean(htmlText(feed.Title)), maxTitle)
	if name == "" {
		name = base.Hostname()
	}
	var out []item
	for _, entry := range feed.Items {
		if entry == nil || len(out) == maxItems {
			continue
		}
		summary := entry.Description
		if summary == "" {
			summary = entry.Content
		}
		it := item{title: clip(clean(htmlText(entry.Title)), maxTitle), summary: clip(clean(htmlText(summary)), maxSummary), url: publicLink(base, entry.Link), source: name}
		for _, at := range []*time.Time{entry.PublishedParsed, entry.UpdatedParsed} {
			if at != nil && it.published.IsZero() {
				it.published = *at
			}
		}
		if it.title == "" {
			it.title = clip(it.summary, maxTitle)
		}
		if it.title != "" {
			out = append(out, it)
		}
	}
	return out
}

// headerValue drops validators that no server needs that long: they are kept in memory and sent back.
func headerValue(res *http.Response, name string) string {
	if v := res.Header.Get(name); len(v) <= 256 {
		return v
	}
	return ""
}

// transportError keeps the guard's own refusals and makes everything else a source that is away.
func transportError(err error) error {
	var typed *errs.Error
	if errors.As(err, &typed) {
		return typed
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errs.Wrap(err, errs.Timeout, typev1.Reason_REASON_TIMEOUT, "the source did not answer in time")
	}
	return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the source cannot be reached")
}

func statusError(res *http.Response) error {
	status := strconv.Itoa(res.StatusCode)
	switch {
	case res.StatusCode == http.StatusTooManyRequests:
		return errs.New(errs.Throttled, typev1.Reason_REASON_RATE_LIMITED, "the source asks for a pause").With("status", status).After(retryAfter(res))
	case res.StatusCode >= 500:
		return errs.New(errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the source answered "+status).With("status", status).After(retryAfter(res))
	}
	return errs.New(errs.Invalid, typev1.Reason_REASON_NOT_FOUND, "the source answered "+status).With("status", status)
}

func retryAfter(res *http.Response) time.Duration {
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, time.Hour)
}
