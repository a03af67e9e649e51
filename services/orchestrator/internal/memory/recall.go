package memory

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/weaviate/weaviate-go-client/v4/weaviate/graphql"

	"chimera/services/internal/tenancy"
)

const (
	// maxRecall bounds the items of one answer.
	maxRecall = 50
	// maxQuery bounds a query in runes: every word costs the store a look-up.
	maxQuery = 500
)

// Recall finds the tenant's items that share words with the query, best first, at most limit (1 to 50). When the
// store cannot answer, items is empty and degraded says why, beginning with "memory: ": a plan goes on without.
// The only error is Denied TENANT_REQUIRED.
func (m *Memory) Recall(ctx context.Context, sc tenancy.Scope, query string, limit int) (items []Item, degradation string, err error) {
	if err := checkScope(sc); err != nil {
		return nil, "", err
	}
	words := keywords(query)
	if words == "" {
		return nil, "", nil
	}
	limit = min(max(limit, 1), maxRecall)
	failed := m.call(ctx, func(ctx context.Context) error {
		return m.again(ctx, sc.Tenant, func(ctx context.Context) error {
			found, err := m.search(ctx, sc.Tenant, words, limit)
			items = found
			return err
		})
	})
	if failed != nil {
		m.log.WarnContext(ctx, "memory recall degraded", "tenant_id", string(sc.Tenant), "request_id", sc.RequestID, "error", failed)
		return nil, degraded(failed), nil
	}
	return items, "", nil
}

func (m *Memory) search(ctx context.Context, tenant tenancy.ID, words string, limit int) ([]Item, error) {
	fields := []graphql.Field{
		{Name: "text"},
		{Name: "kind"},
		{Name: "tainted"},
		{Name: "at"},
		{Name: "_additional", Fields: []graphql.Field{{Name: "id"}, {Name: "score"}}},
	}
	answer, err := m.client.GraphQL().Get().WithClassName(collectionName).WithTenant(string(tenant)).
		WithBM25((&graphql.BM25ArgumentBuilder{}).WithQuery(words).WithProperties("text")).
		WithLimit(limit).WithFields(fields...).Do(ctx)
	if err != nil {
		return nil, err
	}
	// A failed query is status 200 with errors beside the data.
	if len(answer.Errors) > 0 {
		return nil, &refusedError{answer.Errors[0].Message}
	}
	raw, err := json.Marshal(answer.Data["Get"])
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	return decode(raw)
}

func decode(raw []byte) ([]Item, error) {
	var rows map[string][]struct {
		Text       string    `json:"text"`
		Kind       string    `json:"kind"`
		Tainted    bool      `json:"tainted"`
		At         time.Time `json:"at"`
		Additional struct {
			ID uuid.UUID `json:"id"`
			// A number in quotes.
			Score string `json:"score"`
		} `json:"_additional"`
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	out := make([]Item, 0, len(rows[collectionName]))
	for _, r := range rows[collectionName] {
		score, err := strconv.ParseFloat(r.Additional.Score, 64)
		if err != nil {
			return nil, fmt.Errorf("read score: %w", err)
		}
		out = append(out, Item{ID: r.Additional.ID, Text: r.Text, Kind: r.Kind, Tainted: r.Tainted, At: r.At, Score: score})
	}
	return out, nil
}

// keywords keeps letters, marks and digits, which is all that the index knows. The client library quotes a
// query by Go's rules and the store reads it by GraphQL's; they differ on control and joining characters.
func keywords(query string) string {
	count := 0
	kept := strings.Map(func(r rune) rune {
		if count++; count > maxQuery {
			return -1
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return r
		}
		return ' '
	}, query)
	return strings.Join(strings.Fields(kept), " ")
}
