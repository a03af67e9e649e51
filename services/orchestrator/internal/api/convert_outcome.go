package api

import (
	"encoding/hex"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

func reviewOf(r store.Review) *platformv1.Review {
	return &platformv1.Review{
		Id: r.ID, TaskId: r.TaskID, ResultId: r.ResultID, CampaignId: r.CampaignID, AgentId: r.AgentID, AccountId: textIf(r.AccountID), Platform: r.Platform,
		State: enumOf[platformv1.ReviewState](platformv1.ReviewState_value, "REVIEW_STATE_", r.State), Risk: platformv1.ReviewRisk(r.Risk), Reason: r.Reason,
		PayloadJson: string(r.Payload), PayloadSha256: r.PayloadSHA256, Excerpt: r.Excerpt, Confidence: r.Confidence, Tainted: r.Tainted, Deadline: stamp(r.Deadline),
		ClaimedBy: textIf(r.ClaimedBy), ClaimedUntil: stampIf(r.ClaimedUntil), DecidedBy: textIf(r.DecidedBy), DecidedAt: stampIf(r.DecidedAt), Rationale: r.Rationale,
		StateVersion: r.StateVersion, CreatedAt: stamp(r.CreatedAt), Rule: r.Rule, Threshold: r.Threshold, Value: r.Value, Sensitive: r.Sensitive,
		SnoozedUntil: stampIf(r.SnoozedUntil),
	}
}

func effectOf(e store.Effect) *platformv1.Effect {
	return &platformv1.Effect{
		Id: e.ID, TaskId: e.TaskID, AccountId: e.AccountID, Tool: e.Tool, State: enumOf[platformv1.EffectState](platformv1.EffectState_value, "EFFECT_STATE_", e.State),
		PlatformKey: e.PlatformKey, PayloadSha256: e.PayloadSHA256, RemoteId: e.RemoteID, Url: e.URL, PreparedAt: stamp(e.PreparedAt), SendingAt: stampIf(e.SendingAt),
		SettledAt: stampIf(e.SettledAt), StateVersion: e.StateVersion, Note: e.Note, CampaignId: e.CampaignID, ApprovedBy: e.ApprovedBy,
	}
}

func postOf(p store.Post) *platformv1.Post {
	post := &platformv1.Post{
		Id: p.ID, CampaignId: p.CampaignID, AccountId: p.AccountID, Platform: p.Platform, Url: p.URL, RemoteId: p.RemoteID, Text: p.Text,
		PayloadJson: string(p.Payload), PayloadSha256: p.PayloadSHA256, Method: p.Method, ApprovedBy: p.ApprovedBy, Edited: p.Edited, PublishedAt: stamp(p.PublishedAt),
		ReadBackAt: stampIf(p.ReadBackAt), ReadBackMatches: p.ReadBackMatches != nil && *p.ReadBackMatches, TaskId: p.TaskID, EffectId: p.EffectID,
	}
	if p.MetricsAt != nil {
		post.Metrics = &platformv1.Metrics{Likes: p.Likes, Reposts: p.Reposts, Replies: p.Replies, CollectedAt: stampIf(p.MetricsAt)}
	}
	return post
}

func deadLetterOf(d store.DeadLetter) *platformv1.DeadLetter {
	return &platformv1.DeadLetter{
		Id: d.ID, Queue: d.Queue, MessageId: d.MessageID, TaskId: d.TaskID, Reason: d.Reason,
		State:     enumOf[platformv1.DeadLetterState](platformv1.DeadLetterState_value, "DEAD_LETTER_STATE_", d.State),
		CreatedAt: stamp(d.CreatedAt), StateVersion: d.StateVersion, SizeBytes: int64(len(d.Raw)),
	}
}

func auditEntryOf(r audit.Record) *platformv1.AuditEntry {
	return &platformv1.AuditEntry{
		Seq: r.Seq, At: stamp(r.At), Actor: r.Actor, Action: r.Action, ObjectType: r.ObjectType, ObjectId: r.ObjectID,
		RequestId: r.RequestID, DetailJson: r.Detail, Hash: hex.EncodeToString(r.Hash),
	}
}

func securityEventOf(e store.SecurityEvent) *platformv1.SecurityEvent {
	return &platformv1.SecurityEvent{Id: e.ID, At: stamp(e.At), Kind: e.Kind, Actor: e.Actor, Detail: e.Detail, RequestId: e.RequestID}
}
