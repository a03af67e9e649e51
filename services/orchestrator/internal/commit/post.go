package commit

import (
	"context"
	"encoding/json"
	"strings"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

// The tools whose results say something about a post.
const (
	publishTool = "publisher.publish"
	readTool    = "publisher.read"
	metricsTool = "analytics.collect"
)

// recordPost keeps what was published with how it came to be (R10.6).
func recordPost(ctx context.Context, tx *store.Tx, t store.Task, e store.Effect, got receipt) (audit.Entry, error) {
	var payload struct {
		Platform   string `json:"platform"`
		Text       string `json:"text"`
		Disclosure struct {
			Method string `json:"method"`
		} `json:"disclosure"`
	}
	_ = json.Unmarshal(t.Arguments, &payload) // the judge has held the payload against its form
	p := store.Post{
		ID: newID(), EffectID: e.ID, TaskID: t.ID, CampaignID: t.CampaignID, AccountID: e.AccountID, Platform: payload.Platform, RemoteID: got.RemoteID,
		URI: got.URI, URL: got.URL, Text: payload.Text, Payload: t.Arguments, PayloadSHA256: e.PayloadSHA256, Method: payload.Disclosure.Method, ApprovedBy: e.ApprovedBy, Edited: e.Edited,
	}
	return entry("post.published", "post", p.ID, map[string]any{"effect_id": e.ID, "url": got.URL, "payload_sha256": e.PayloadSHA256, "approved_by": e.ApprovedBy}), tx.PostInsert(ctx, p)
}

// observePost notes on posts what a read-back or a metrics step found.
func observePost(ctx context.Context, tx *store.Tx, t store.Task, r *busv1.Result) error {
	switch t.Tool {
	case readTool:
		var seen struct {
			Found bool   `json:"found"`
			URI   string `json:"uri"`
			Text  string `json:"text"`
		}
		if err := json.Unmarshal(r.GetOutputJson(), &seen); err != nil || !seen.Found {
			return nil // nothing was seen, so there is nothing to note
		}
		p, err := tx.PostByURI(ctx, t.Account(), seen.URI)
		if store.IsMissing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.PostReadBack(ctx, p.ID, sameWords(seen.Text, p.Text))
	case metricsTool:
		return observeMetrics(ctx, tx, t, r)
	}
	return nil
}

func observeMetrics(ctx context.Context, tx *store.Tx, t store.Task, r *busv1.Result) error {
	var seen struct {
		Posts []struct {
			URI     string `json:"uri"`
			Likes   int64  `json:"likes"`
			Reposts int64  `json:"reposts"`
			Replies int64  `json:"replies"`
		} `json:"posts"`
	}
	if err := json.Unmarshal(r.GetOutputJson(), &seen); err != nil {
		return nil // the judge has held it against the tool's schema
	}
	for _, m := range seen.Posts {
		p, err := tx.PostByURI(ctx, t.Account(), m.URI)
		if store.IsMissing(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := tx.PostMetrics(ctx, p.ID, m.Likes, m.Reposts, m.Replies); err != nil {
			return err
		}
	}
	return nil
}

// sameWords compares ignoring white space: platforms that answer HTML lose line breaks.
func sameWords(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}
