package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/skills/internal/skillkit"
)

// sourcesAtOnce bounds how many feeds are held in memory while they are parsed.
const sourcesAtOnce = 4

type collector struct {
	client     *http.Client
	cache      *feedCache
	hackerNews string
	timeout    time.Duration
	now        func() time.Time
}

// source is one feed's answer, or why there is none.
type source struct {
	link  string // without a query, which may hold a key
	title string
	items []item
	stale time.Duration // > 0: the source failed and this is what it said so long ago
	err   error
}

type item struct {
	title, summary, url, source string
	published                   time.Time // zero when unknown
}

// collect fails only when no source answered; a source that fails beside others is a note and less confidence.
func (c *collector) collect(ctx context.Context, in collectIn) (collectOut, skillkit.Report, error) {
	if err := in.check(); err != nil {
		return collectOut{}, skillkit.Report{}, err
	}
	sources := c.readAll(ctx, in)
	if err := ctx.Err(); err != nil {
		return collectOut{}, skillkit.Report{}, err
	}
	if err := noneAnswered(sources); err != nil {
		return collectOut{}, skillkit.Report{}, err
	}
	var items []item
	for _, s := range sources {
		items = append(items, s.items...)
	}
	items = rank(filter(items, in.Keywords), c.now())
	out := collectOut{Trends: make([]trend, 0, in.Limit)}
	for _, it := range items[:min(len(items), in.Limit)] {
		out.Trends = append(out.Trends, it.trend())
	}
	return out, report(sources, items, c.now()), nil
}

func (c *collector) readAll(ctx context.Context, in collectIn) []source {
	feeds := slices.Compact(slices.Sorted(slices.Values(in.Feeds)))
	sources := make([]source, len(feeds), len(feeds)+1)
	g := errgroup.Group{}
	g.SetLimit(sourcesAtOnce)
	for i, address := range feeds {
		g.Go(func() error {
			sources[i] = c.guarded(ctx, publicName(address), func(ctx context.Context) (source, error) { return c.readFeed(ctx, address) })
			return nil
		})
	}
	if in.HackerNews {
		sources = sources[:len(feeds)+1]
		g.Go(func() error {
			sources[len(feeds)] = c.guarded(ctx, "https://news.ycombinator.com/", func(ctx context.Context) (source, error) { return c.readHackerNews(ctx, in.Limit) })
			return nil
		})
	}
	_ = g.Wait() // the functions report in their own slot
	return sources
}

// guarded gives one source its own deadline, and survives a parser that panics on what it was fed.
func (c *collector) guarded(ctx context.Context, link string, read func(context.Context) (source, error)) (s source) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			s = source{err: errs.Wrap(fmt.Errorf("panic: %v", p), errs.Invalid, typev1.Reason_REASON_OUTPUT_INVALID, "the feed cannot be parsed")}
		}
		s.link = link
	}()
	s, err := read(ctx)
	if err != nil {
		s.err = err
	}
	return s
}

// noneAnswered returns nil if any source did; else the failure that says most: one that may pass by itself first.
func noneAnswered(sources []source) error {
	var worst error
	for _, s := range sources {
		if s.err == nil {
			return nil
		}
		if worst == nil || errs.KindOf(s.err).Retryable() && !errs.KindOf(worst).Retryable() {
			worst = s.err
		}
	}
	e := *errs.As(worst)
	e.Public = fmt.Sprintf("none of %d sources answered: %s", len(sources), e.Public)
	e.Err = worst
	return &e
}

func (it item) trend() trend {
	t := trend{Title: it.title, Summary: it.summary, URL: it.url, Source: it.source, Tainted: true}
	if !it.published.IsZero() {
		t.PublishedAt = it.published.UTC().Format(time.RFC3339)
	}
	return t
}

// publicName is an address that may be shown: without user name, password and query.
func publicName(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "(not an address)"
	}
	return clip(clean((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()), 200)
}
