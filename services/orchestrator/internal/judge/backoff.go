package judge

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"time"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

const (
	backoffBase = time.Second
	backoffMax  = 5 * time.Minute
	// waitMax bounds what a platform may ask for.
	waitMax = time.Hour
)

// backoff doubles from one second to five minutes, less up to half by jitter, so that tasks which failed
// together do not come back together. The jitter is a hash, not chance: the same case is judged the same
// way. Never less than what the platform asked for, up to an hour.
func backoff(f *facts) time.Duration {
	// Nine doublings pass the maximum; a larger shift could overflow.
	shift := min(max(f.Attempt, 1)-1, 9)
	wait := jittered(f, min(backoffBase<<shift, backoffMax), uint32(f.Attempt))
	asked := min(f.Result.GetError().GetRetryAfter().AsDuration(), waitMax)
	return max(wait, asked)
}

// jittered takes up to half off a wait. n tells one wait of a task from its next.
func jittered(f *facts, wait time.Duration, n uint32) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(f.Task.GetId()))
	_, _ = h.Write(binary.BigEndian.AppendUint32(nil, n))
	return wait - time.Duration(h.Sum64()%uint64(wait/2))
}

func attempts(n int32) string { return fmt.Sprintf("%d attempts", n) }

// retryOrFail gives the task another attempt while it has one.
func retryOrFail(f *facts) busv1.Disposition {
	if f.Attempt < f.MaxAttempts {
		return busv1.Disposition_DISPOSITION_RETRY
	}
	return busv1.Disposition_DISPOSITION_FAIL
}

// maxAutoRevisions is how many versions of a draft are written before a content failure ends the branch: a
// writer that keeps breaking the same rule does not learn it by being asked a hundred times.
const maxAutoRevisions = 3

func reviseOrFail(f *facts) busv1.Disposition {
	if f.Revision < maxAutoRevisions {
		return busv1.Disposition_DISPOSITION_REVISE
	}
	return busv1.Disposition_DISPOSITION_FAIL
}
