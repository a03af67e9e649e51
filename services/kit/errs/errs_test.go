package errs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

func TestCauseNeverTravels(t *testing.T) {
	err := errs.Wrap(errors.New("password=hunter2"), errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE, "the store is away; try again").After(2*time.Second).With("part", "postgres")
	info := errs.Info(fmt.Errorf("load task: %w", err), "req-1")
	require.NotContains(t, info.String(), "hunter2")
	require.Equal(t, "req-1", info.GetRequestId())
	back := errs.FromInfo(info, errs.Unavailable)
	require.Equal(t, 2*time.Second, back.RetryAfter)
	require.Equal(t, "postgres", back.Meta["part"])
}

func TestForeignErrorsGetAKind(t *testing.T) {
	require.Equal(t, errs.Timeout, errs.KindOf(fmt.Errorf("call: %w", context.DeadlineExceeded)))
	require.Equal(t, errs.Cancelled, errs.KindOf(context.Canceled))
	require.Equal(t, errs.Internal, errs.KindOf(errors.New("boom")))
	require.NotContains(t, errs.As(errors.New("boom")).Public, "boom")
}

func TestUnknownIsNeverRetried(t *testing.T) {
	require.False(t, errs.Unknown.Retryable())
	require.True(t, errs.Throttled.Retryable())
}
