package bluesky

import (
	"strings"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

const tidAlphabet = "234567abcdefghijklmnopqrstuvwxyz"

// TIDTime is the time inside a timestamp identifier, to the microsecond, in UTC. A post's createdAt comes
// from its key, so that a repeated write is the same bytes.
func TIDTime(tid string) (time.Time, error) {
	bad := errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "the platform key is not a timestamp identifier of 13 characters")
	if len(tid) != 13 || strings.IndexByte(tidAlphabet, tid[0]) >= 16 { // 65 bits: the top one must be 0
		return time.Time{}, bad
	}
	var bits uint64
	for i := range len(tid) {
		digit := strings.IndexByte(tidAlphabet, tid[i])
		if digit < 0 {
			return time.Time{}, bad
		}
		bits = bits<<5 | uint64(digit)
	}
	return time.UnixMicro(int64(bits >> 10)).UTC(), nil
}
