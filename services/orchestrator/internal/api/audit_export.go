package api

import (
	"bytes"
	"context"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

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
	filter := auditFilter(req)
	filter.Oldest = true
	var sent, after int64
	for {
		var rows []audit.Record
		err := s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			rows, err = tx.AuditList(ctx, filter, after, exportChunk+1)
			return err
		})
		if err != nil {
			return err
		}
		more := len(rows) > exportChunk
		rows = rows[:min(len(rows), exportChunk)]
		lines, err := s.lines(ctx, rows)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			after = rows[len(rows)-1].Seq
		}
		sent += int64(len(rows))
		truncated := more && sent >= maxExported
		if err := stream.Send(&platformv1.ExportAuditResponse{JsonLines: lines, Entries: sent, Truncated: truncated}); err != nil || !more || truncated {
			return err
		}
	}
}

func (s audits) lines(ctx context.Context, rows []audit.Record) ([]byte, error) {
	entries, err := s.told(ctx, rows)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	s.fillNames(ctx, all(entries, func(e *platformv1.AuditEntry) proto.Message { return e })...)
	for _, e := range entries {
		line, err := protojson.Marshal(e)
		if err != nil {
			return nil, err
		}
		out.Write(append(line, '\n'))
	}
	return out.Bytes(), nil
}
