package measure

import (
	"context"
	"time"

	"chimera/tests/bench/internal/skeleton"
	"chimera/tests/bench/internal/stage"
)

// Raw measures the parts by themselves while ours stands still.
func Raw(ctx context.Context, s *stage.Stage, each time.Duration) (skeleton.Ceilings, error) {
	defer s.Freeze()()
	db, err := Skeleton{Stage: s}.database(ctx)
	if err != nil {
		return skeleton.Ceilings{}, err
	}
	defer db.Close()
	return skeleton.Raw(ctx, db, s.Streams, each)
}
