package api

import (
	"context"
	"slices"
	"time"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/commit"
	"chimera/services/orchestrator/internal/store"
)

const (
	maxCalendar = 62 * 24 * time.Hour
	maxEntries  = 1000
	maxExcerpt  = 280 // characters
)

type calendars struct{ *core }

func (s calendars) ListCalendar(ctx context.Context, req *platformv1.ListCalendarRequest) (*platformv1.ListCalendarResponse, error) {
	f := store.CalendarFilter{From: req.GetFrom().AsTime(), To: req.GetTo().AsTime(), AgentID: req.GetAgentId(), AccountID: req.GetAccountId()}
	if span := f.To.Sub(f.From); span <= 0 || span > maxCalendar {
		return nil, errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "ask for a span of at most 62 days, its end after its beginning")
	}
	var entries []*platformv1.CalendarEntry
	err := s.Store.ReadSnapshot(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) error {
		if err := exists(ctx, f.AgentID, tx.AgentGet); err != nil {
			return err
		}
		if err := exists(ctx, f.AccountID, tx.AccountGet); err != nil {
			return err
		}
		posts, err := tx.CalendarPosts(ctx, f, maxEntries+1)
		if err != nil {
			return err
		}
		planned, err := tx.CalendarTasks(ctx, f, maxEntries+1)
		entries = append(all(posts, calendarPostOf), all(planned, calendarTaskOf)...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(entries, func(a, b *platformv1.CalendarEntry) int { return a.GetAt().AsTime().Compare(b.GetAt().AsTime()) })
	return &platformv1.ListCalendarResponse{Entries: entries[:min(len(entries), maxEntries)], Truncated: len(entries) > maxEntries}, nil
}

func calendarPostOf(p store.CalendarPost) *platformv1.CalendarEntry {
	return &platformv1.CalendarEntry{
		Kind: platformv1.CalendarEntryKind_CALENDAR_ENTRY_KIND_POST, At: stamp(p.PublishedAt), TaskId: p.TaskID, PostId: p.ID, CampaignId: p.CampaignID,
		AgentId: p.AgentID, AccountId: p.AccountID, Platform: p.Platform, Handle: p.Handle, State: platformv1.TaskState_TASK_STATE_SUCCEEDED, Excerpt: p.Text, Fixed: true,
	}
}

func calendarTaskOf(t store.CalendarTask) *platformv1.CalendarEntry {
	e := &platformv1.CalendarEntry{
		Kind: platformv1.CalendarEntryKind_CALENDAR_ENTRY_KIND_PLANNED, At: stamp(t.At), WindowEnd: stampIf(t.Deadline), TaskId: t.ID, CampaignId: t.CampaignID,
		AgentId: t.AgentID, AccountId: t.Account(), Platform: t.Platform, Handle: t.Handle,
		State: enumOf[platformv1.TaskState](platformv1.TaskState_value, "TASK_STATE_", t.State), Excerpt: textIf(t.Excerpt),
		Movable: commit.Movable(store.Campaign{State: t.CampaignState}, t.Task), StateVersion: t.StateVersion, ReviewId: textIf(t.ReviewID), Fixed: t.PlannedAt != nil,
	}
	if e.GetExcerpt() == "" {
		letters := []rune(textIn(t.Arguments))
		e.Excerpt = string(letters[:min(len(letters), maxExcerpt)])
	}
	return e
}

func (s calendars) MovePlanned(ctx context.Context, req *platformv1.MovePlannedRequest) (*platformv1.MovePlannedResponse, error) {
	var m commit.Move
	var err error
	if req.GetPreview() {
		m, err = s.Commit.PreviewMove(ctx, scope(ctx), req.GetTaskId(), req.GetStateVersion(), req.GetTo().AsTime())
	} else {
		idem, ierr := s.idempotency(ctx, req)
		if ierr != nil {
			return nil, ierr
		}
		m, err = s.Commit.MovePlanned(ctx, scope(ctx), idem, req.GetTaskId(), req.GetStateVersion(), req.GetTo().AsTime())
	}
	if err != nil {
		return nil, err
	}
	return &platformv1.MovePlannedResponse{
		VoidedReviewIds: m.VoidedReviews, VoidedApproval: m.VoidedApproval, VoidedGrant: m.VoidedGrant, Sentence: m.Sentence,
		PlanVersion: m.PlanVersion, TaskId: m.TaskID, StateVersion: m.StateVersion,
	}, nil
}
