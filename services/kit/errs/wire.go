package errs

import (
	"google.golang.org/protobuf/types/known/durationpb"

	typev1 "chimera/gen/go/chimera/type/v1"
)

// Info is what of an error travels: on RPC as a detail, in a Result as a field. The cause stays behind.
func Info(err error, requestID string) *typev1.ErrorInfo {
	e := As(err)
	if e == nil {
		return nil
	}
	info := &typev1.ErrorInfo{Reason: e.Reason, Message: e.Public, Meta: e.Meta, RequestId: requestID}
	if e.RetryAfter > 0 {
		info.RetryAfter = durationpb.New(e.RetryAfter)
	}
	return info
}

// FromInfo rebuilds an error from the wire. Lost on the way: the cause, and the kind unless given.
func FromInfo(info *typev1.ErrorInfo, kind Kind) *Error {
	if info == nil {
		return nil
	}
	return &Error{Kind: kind, Reason: info.GetReason(), Public: info.GetMessage(), Meta: info.GetMeta(), RetryAfter: info.GetRetryAfter().AsDuration()}
}
