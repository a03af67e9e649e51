package api

import (
	"bytes"
	"context"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/orchestrator/internal/audit"
	"chimera/services/orchestrator/internal/store"
)

const (
	maxExport = 2 * time.Minute
	// maxExported bounds an export in entries, exportChunk one message of it.
	maxExported = 100_000
	exportChunk = 500
)

// ExportAudit reads by pages, so that no transaction stays open for as long as a slow reader takes.
func (s audits) ExportAudit(ctx context.Context, req *platformv1.ExportAuditRequest, stream *connect.ServerStream[platformv1.ExportAuditResponse]) error {
	filter := store.AuditFilter{Action: req.GetAction(), ObjectID: req.GetObjectId(), RequestID: req.GetRequestId()}
	var sent, before int64
	for {
		var rows []audit.Record
		err := s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			rows, err = tx.AuditList(ctx, filter, before, exportChunk)
			return err
		})
		if err != nil {
			return err
		}
		var lines bytes.Buffer
		for _, r := range rows {
			line, err := protojson.Marshal(auditEntryOf(r))
			if err != nil {
				return err
			}
			lines.Write(append(line, '\n'))
			before = r.Seq
		}
		sent += int64(len(rows))
		last := len(rows) < exportChunk
		truncated := !last && sent >= maxExported
		if err := stream.Send(&platformv1.ExportAuditResponse{JsonLines: lines.Bytes(), Entries: sent, Truncated: truncated}); err != nil || last || truncated {
			return err
		}
	}
}
