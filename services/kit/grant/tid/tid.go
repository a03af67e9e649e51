// Package tid makes and reads AT Protocol timestamp identifiers (atproto.com/specs/tid): 13 characters of
// base32-sortable over 53 bits of Unix microseconds and 10 bits of clock id. One shape serves every platform:
// Bluesky takes it as a record key, Mastodon as an Idempotency-Key.
package tid

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"sync"
	"time"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

const alphabet = "234567abcdefghijklmnopqrstuvwxyz"

// Clock mints increasing ids within one process; its random clock id keeps two processes apart.
type Clock struct {
	mu   sync.Mutex
	id   uint64
	last uint64
	now  func() time.Time
}

// NewClock reads the wall clock through now.
func NewClock(now func() time.Time) (*Clock, error) {
	var b [2]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, err
	}
	return &Clock{id: uint64(binary.BigEndian.Uint16(b[:])) & 0x3ff, now: now}, nil
}

// Next is later than every id this clock made before, even when the wall clock steps back.
func (c *Clock) Next() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	micros := uint64(c.now().UnixMicro())
	if micros <= c.last {
		micros = c.last + 1
	}
	c.last = micros
	return encode(micros<<10 | c.id)
}

func encode(v uint64) string {
	var out [13]byte
	for i := 12; i >= 0; i-- {
		out[i] = alphabet[v&31]
		v >>= 5
	}
	return string(out[:])
}

var errNotTID = errs.New(errs.Invalid, typev1.Reason_REASON_INVALID, "the platform key is not a timestamp identifier of 13 characters")

// Time reads the moment an id was made, to the microsecond, in UTC: what is derived from it is the same at every
// try. Invalid for anything but a TID.
func Time(s string) (time.Time, error) {
	if len(s) != 13 {
		return time.Time{}, errNotTID
	}
	var v uint64
	for i := range len(s) {
		d := strings.IndexByte(alphabet, s[i])
		if d < 0 || (i == 0 && d >= 16) {
			return time.Time{}, errNotTID
		}
		v = v<<5 | uint64(d)
	}
	return time.UnixMicro(int64(v >> 10)).UTC(), nil
}
