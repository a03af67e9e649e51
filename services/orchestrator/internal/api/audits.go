package api

import (
	"context"
	"encoding/hex"
	"strconv"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

type audits struct{ *core }

func (s audits) ListAuditEntries(ctx context.Context, req *platformv1.ListAuditEntriesRequest) (*platformv1.ListAuditEntriesResponse, error) {
	filter := store.AuditFilter{Action: req.GetAction(), ObjectID: req.GetObjectId(), RequestID: req.GetRequestId()}
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
	return &platformv1.ListAuditEntriesResponse{Entries: all(rows, auditEntryOf), NextPageToken: next}, nil
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
