package api

import (
	"context"
	"encoding/hex"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

type audits struct{ *core }

// auditQuery is what listing and exporting filter by.
type auditQuery interface {
	GetAction() string
	GetActor() string
	GetObjectKind() string
	GetObjectId() string
	GetRequestId() string
	GetQuery() string
	GetOutcome() platformv1.AuditOutcome
	GetSince() *timestamppb.Timestamp
	GetUntil() *timestamppb.Timestamp
}

func auditFilter(q auditQuery) store.AuditFilter {
	f := store.AuditFilter{
		Action: q.GetAction(), Actor: q.GetActor(), ObjectType: q.GetObjectKind(), ObjectID: q.GetObjectId(), RequestID: q.GetRequestId(),
		Outcome: audit.Outcome(wordOf(q.GetOutcome(), "AUDIT_OUTCOME_")), Query: q.GetQuery(),
	}
	if q.GetSince() != nil {
		f.Since = q.GetSince().AsTime()
	}
	if q.GetUntil() != nil {
		f.Until = q.GetUntil().AsTime()
	}
	return f
}

func (s audits) ListAuditEntries(ctx context.Context, req *platformv1.ListAuditEntriesRequest) (*platformv1.ListAuditEntriesResponse, error) {
	filter := auditFilter(req)
	rows, next, err := page(ctx, s.core, req, func(r audit.Record) string { return strconv.FormatInt(r.Seq, 10) },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]audit.Record, error) {
			var seq int64
			if before != "" {
				var err error
				if seq, err = strconv.ParseInt(before, 10, 64); err != nil {
					return nil, errPageToken
				}
			}
			return tx.AuditList(ctx, filter, seq, limit)
		})
	if err != nil {
		return nil, err
	}
	entries, err := s.told(ctx, rows)
	return &platformv1.ListAuditEntriesResponse{Entries: entries, NextPageToken: next}, err
}

// told adds to entries what they are about: the moments of their effect, how it ended and why it was allowed.
func (s audits) told(ctx context.Context, rows []audit.Record) ([]*platformv1.AuditEntry, error) {
	details := all(rows, detailOf)
	var effects []store.EffectTimes
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		var effectIDs, taskIDs []string
		for _, d := range details {
			if d.EffectID != "" {
				effectIDs = append(effectIDs, d.EffectID)
			}
			if d.TaskID != "" {
				taskIDs = append(taskIDs, d.TaskID)
			}
		}
		effects, err = tx.EffectTimesOf(ctx, effectIDs, taskIDs)
		return err
	})
	if err != nil {
		return nil, err
	}
	entries := all(rows, auditEntryOf)
	for i, e := range entries {
		e.Outcome, e.AllowedBecause = auditOutcome(rows[i].Action), allowedBecause(rows[i], details[i])
		e.AuthorizedAt, e.AttemptedAt, e.OutcomeAt = e.GetAt(), e.GetAt(), e.GetAt()
		if effect := effectOfEntry(details[i], effects); effect != nil {
			e.EffectId, e.AuthorizedAt, e.AttemptedAt, e.OutcomeAt = effect.ID, stamp(effect.PreparedAt), stampIf(effect.SendingAt), stampIf(effect.SettledAt)
		}
	}
	return entries, nil
}

// VerifyAuditChain walks the whole chain in one snapshot: what is appended meanwhile belongs to the next walk.
func (s audits) VerifyAuditChain(ctx context.Context, _ *platformv1.VerifyAuditChainRequest) (*platformv1.VerifyAuditChainResponse, error) {
	resp := &platformv1.VerifyAuditChainResponse{}
	err := s.Store.ReadSnapshot(ctx, scope(ctx), func(ctx context.Context, tx *store.Tx) error {
		checkpoints, err := tx.AuditCheckpoints(ctx)
		if err != nil {
			return err
		}
		v := audit.NewVerifier(string(tx.Scope().Tenant), checkpoints, s.AuditKeys)
		if err := tx.AuditWalk(ctx, func(r audit.Record) { resp.Entries++; v.Add(r) }); err != nil {
			return err
		}
		seq, hash, err := tx.AuditHead(ctx)
		if err != nil {
			return err
		}
		resp.HeadHash = hex.EncodeToString(hash)
		finding := v.Finish(seq, hash)
		if resp.Intact = finding == nil; !resp.Intact {
			resp.BrokenSeq, resp.Finding = finding.Seq, finding.What
		}
		return nil
	})
	return resp, err
}

func (s audits) ListSecurityEvents(ctx context.Context, req *platformv1.ListSecurityEventsRequest) (*platformv1.ListSecurityEventsResponse, error) {
	rows, next, err := page(ctx, s.core, req, func(e store.SecurityEvent) string { return e.ID },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.SecurityEvent, error) {
			return tx.SecurityEventList(ctx, before, limit)
		})
	if err != nil {
		return nil, err
	}
	return &platformv1.ListSecurityEventsResponse{Events: all(rows, securityEventOf), NextPageToken: next}, nil
}
