package cid

import (
	"strings"
	"sync"
	"time"
)

const tidAlphabet = "234567abcdefghijklmnopqrstuvwxyz"

// ValidTID says whether text is a timestamp identifier: 13 characters of the sortable
// base32 alphabet, the first below "k" (the top bit is zero).
func ValidTID(text string) bool {
	if len(text) != 13 || strings.IndexByte(tidAlphabet[:16], text[0]) < 0 {
		return false
	}
	for i := range len(text) {
		if strings.IndexByte(tidAlphabet, text[i]) < 0 {
			return false
		}
	}
	return true
}

// TIDClock hands out strictly increasing TIDs.
type TIDClock struct {
	mu   sync.Mutex
	last int64 // microseconds since the epoch
}

// Next is a TID for now, or for just after the last one if now is not later.
func (c *TIDClock) Next(now time.Time) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last+1, now.UnixMicro())
	bits := uint64(c.last)<<10 | 1 // 53 bits of time, 10 bits of clock id
	out := make([]byte, 13)
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = tidAlphabet[bits&31]
		bits >>= 5
	}
	return string(out)
}
