package api

import (
	"context"
	"encoding/json"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/store"
)

// maxSources and maxMemories bound what a reviewer is shown of a long lineage.
const (
	maxSources  = 100
	maxMemories = 50
)

// recallTool is the worker's own: what it answers has a shape that is known here.
const recallTool = "memory.recall"

// leanOn adds what the proposal was made from, each thing once: its drafts' sources and those that went into them,
// and what memory said to it.
func leanOn(ctx context.Context, tx *store.Tx, taskID string, resp *platformv1.GetReviewResponse) error {
	line, err := tx.TaskLineage(ctx, taskID)
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(line))
	tools := make(map[string]string, len(line))
	for _, t := range line {
		ids = append(ids, t.ID)
		tools[t.ID] = t.Tool
	}
	rows, err := tx.ResultsOf(ctx, ids)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, row := range rows {
		result, err := resultBody(row)
		if err != nil {
			return err
		}
		for _, s := range sourcesOf(result) {
			if key := s.GetUrl() + "\x00" + s.GetTitle(); !seen[key] && len(resp.GetSources()) < maxSources {
				seen[key] = true
				resp.Sources = append(resp.Sources, s)
			}
		}
		if tools[row.TaskID] == recallTool {
			recalled(result, seen, resp)
		}
	}
	return nil
}

// recalled reads an answer of memory. One of a shape that is not known says nothing: the worker's schema was judged
// when the step ended.
func recalled(result *busv1.Result, seen map[string]bool, resp *platformv1.GetReviewResponse) {
	var answer struct {
		Memories []struct {
			ID, Text, Kind string
			Score          float64
			Tainted        bool
		}
		Degraded string
	}
	if json.Unmarshal(result.GetOutputJson(), &answer) != nil {
		return
	}
	resp.MemoryDegraded = answer.Degraded
	for _, m := range answer.Memories {
		if !seen["memory\x00"+m.ID] && len(resp.GetMemories()) < maxMemories {
			seen["memory\x00"+m.ID] = true
			resp.Memories = append(resp.Memories, &platformv1.RecalledMemory{Id: m.ID, Text: m.Text, Kind: m.Kind, Score: m.Score, Tainted: m.Tainted})
		}
	}
}
