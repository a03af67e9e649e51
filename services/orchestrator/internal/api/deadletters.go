package api

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	platformv1 "chimera/gen/go/chimera/platform/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
	"chimera/services/orchestrator/internal/store"
)

// maxRaw is how much of a letter is shown as it came, in bytes.
const maxRaw = 4 << 10

type deadLetters struct{ *core }

func (s deadLetters) ListDeadLetters(ctx context.Context, req *platformv1.ListDeadLettersRequest) (*platformv1.ListDeadLettersResponse, error) {
	rows, next, err := page(ctx, s.core, req, func(d store.DeadLetter) string { return d.ID },
		func(ctx context.Context, tx *store.Tx, before string, limit int) ([]store.DeadLetter, error) {
			return tx.DeadLetterList(ctx, wordOf(req.GetState(), "DEAD_LETTER_STATE_"), before, limit)
		})
	if err != nil {
		return nil, err
	}
	return &platformv1.ListDeadLettersResponse{Letters: all(rows, deadLetterOf), NextPageToken: next}, nil
}

func (s deadLetters) GetDeadLetter(ctx context.Context, req *platformv1.GetDeadLetterRequest) (*platformv1.GetDeadLetterResponse, error) {
	row, err := s.get(ctx, req.GetLetterId())
	if err != nil {
		return nil, err
	}
	resp := &platformv1.GetDeadLetterResponse{Letter: deadLetterOf(row), ContentJson: content(row), Raw: row.Raw[:min(len(row.Raw), maxRaw)]}
	if resp.Metadata, err = facts(row); err != nil {
		return nil, err
	}
	return resp, nil
}

// facts flattens what was kept with a letter: what the bus knew of the entry, and the message's own metadata, which
// is anybody's text and so never replaces the former.
func facts(d store.DeadLetter) (map[string]string, error) {
	if len(d.Metadata) == 0 {
		return nil, nil
	}
	var kept map[string]any
	if err := json.Unmarshal(d.Metadata, &kept); err != nil {
		return nil, fmt.Errorf("stored letter %s: metadata: %w", d.ID, err)
	}
	flat := map[string]string{}
	if own, ok := kept["Metadata"].(map[string]any); ok {
		for k, v := range own {
			flat[k] = fmt.Sprint(v)
		}
	}
	for k, v := range kept {
		switch v := v.(type) {
		case string:
			flat[k] = v
		case bool, float64:
			flat[k] = fmt.Sprint(v)
		}
	}
	return flat, nil
}

// replayable refuses, before the letter is closed, what holds no message that could be put on a queue again.
func replayable(d store.DeadLetter) error {
	var kept struct{ Undecodable bool }
	if json.Unmarshal(d.Metadata, &kept) == nil && kept.Undecodable {
		return errs.New(errs.Invalid, typev1.Reason_REASON_UNDECODABLE, "this letter holds no message that could be read; discard it")
	}
	return nil
}

// content is the letter as JSON when it is what its queue carries. A letter is here because something about it
// was wrong, so that failing is no error.
func content(d store.DeadLetter) string {
	var msg proto.Message
	switch d.Queue {
	case "task":
		msg = &busv1.Task{}
	case "result":
		msg = &busv1.Result{}
	case "review":
		msg = &busv1.ReviewDecision{}
	default:
		return ""
	}
	if proto.Unmarshal(d.Raw, msg) != nil {
		return ""
	}
	out, err := protojson.Marshal(msg)
	if err != nil {
		return ""
	}
	return string(out)
}

func (s deadLetters) get(ctx context.Context, id string) (store.DeadLetter, error) {
	var row store.DeadLetter
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		row, err = tx.DeadLetterGet(ctx, id)
		return err
	})
	return row, err
}

// ReplayDeadLetter closes the letter first: a crash in between loses a replay, which a person sees and the
// reconciler makes good, and never replays twice.
func (s deadLetters) ReplayDeadLetter(ctx context.Context, req *platformv1.ReplayDeadLetterRequest) (*platformv1.ReplayDeadLetterResponse, error) {
	letter, err := s.get(ctx, req.GetLetterId())
	if err != nil {
		return nil, err
	}
	if err := replayable(letter); err != nil {
		return nil, err
	}
	sc := scope(ctx)
	closed, err := s.Commit.CloseDeadLetter(ctx, sc, letter.ID, req.GetStateVersion(), "replayed", req.GetReason())
	if err != nil {
		return nil, err
	}
	if err := s.Replay(ctx, sc, letter); err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, typev1.Reason_REASON_UNAVAILABLE,
			"the letter was closed, but the bus did not take its message; its task is looked after like any that got stuck")
	}
	return &platformv1.ReplayDeadLetterResponse{Letter: deadLetterOf(closed)}, nil
}

func (s deadLetters) DiscardDeadLetter(ctx context.Context, req *platformv1.DiscardDeadLetterRequest) (*platformv1.DiscardDeadLetterResponse, error) {
	closed, err := s.Commit.CloseDeadLetter(ctx, scope(ctx), req.GetLetterId(), req.GetStateVersion(), "discarded", req.GetReason())
	if err != nil {
		return nil, err
	}
	return &platformv1.DiscardDeadLetterResponse{Letter: deadLetterOf(closed)}, nil
}
