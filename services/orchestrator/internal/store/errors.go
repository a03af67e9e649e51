package store

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

var (
	errNoTenant = errs.New(errs.Denied, typev1.Reason_REASON_TENANT_REQUIRED, "choose a tenant")
	errStale    = errs.New(errs.Conflict, typev1.Reason_REASON_STALE_VERSION, "it changed meanwhile; read it again and decide again")
	errReadOnly = errs.New(errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the database takes no writes just now; try again")
)

// ErrMissing is NOT_FOUND, for an object of another tenant as for no one's.
var ErrMissing = errs.New(errs.NotFound, typev1.Reason_REASON_NOT_FOUND, "there is no such object")

// translate maps driver errors by SQLSTATE and constraint, never by text. It is the only place that knows them.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var ours *errs.Error
	if errors.As(err, &ours) {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrMissing
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return translateSQLState(err, pg)
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || pgconn.SafeToRetry(err) {
		return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the database is away; try again")
	}
	if known := errs.As(err); known.Kind != errs.Internal {
		return known
	}
	var netErr net.Error
	if errors.As(err, &netErr) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the database is away; try again")
	}
	return err
}

func translateSQLState(err error, pg *pgconn.PgError) error {
	switch {
	case pg.Code == "CH001":
		return errNoTenant
	case pg.Code == "23505":
		return errs.Wrap(err, errs.Conflict, typev1.Reason_REASON_ALREADY_EXISTS, "there is one like it already").With("constraint", pg.ConstraintName)
	case pg.Code == "23503":
		return errs.Wrap(err, errs.NotFound, typev1.Reason_REASON_NOT_FOUND, "it refers to an object that does not exist")
	case pg.Code == "40001", pg.Code == "40P01", pg.Code == "55P03":
		return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "too many changes at once; try again")
	case pg.Code == "25006":
		return errReadOnly
	case pg.Code == "57014":
		return errs.Wrap(err, errs.Timeout, typev1.Reason_REASON_TIMEOUT, "the database took too long; try again")
	// Class 53 is out of resources (disk, memory, connections), 57P0x a shutdown, 08 a lost connection.
	case strings.HasPrefix(pg.Code, "53"), strings.HasPrefix(pg.Code, "57P"), strings.HasPrefix(pg.Code, "08"):
		return errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the database is away; try again")
	}
	return err
}

func sqlState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return "SQLSTATE " + pg.Code
	}
	return "connection lost"
}
