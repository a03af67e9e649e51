package netguard

import (
	"io"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// boundedBody fails loudly at the bound: a silently cut document would parse as a shorter one.
type boundedBody struct {
	io.ReadCloser
	max, left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one byte more tells an exact fit from an overflow
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n = int(b.left)
		b.left = 0
		return n, tooLarge(b.max)
	}
	b.left -= int64(n)
	return n, err
}

func tooLarge(limit int64) error {
	return errs.Newf(errs.Invalid, typev1.Reason_REASON_TOO_LARGE, "the answer is larger than %d bytes", limit)
}
