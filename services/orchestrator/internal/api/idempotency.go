package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"chimera/services/orchestrator/internal/commit"
)

const idempotencyField protoreflect.Name = "idempotency_key"

// idempotency names the request so that the same key with another request is noticed. The digest is keyed: it
// rests in the database, and a plain hash of a request with a password in it could be guessed from there.
func (c *core) idempotency(ctx context.Context, req proto.Message) (commit.Idempotency, error) {
	field := req.ProtoReflect().Descriptor().Fields().ByName(idempotencyField)
	key := req.ProtoReflect().Get(field).String()
	if key == "" {
		return commit.Idempotency{}, nil
	}
	bare := proto.Clone(req)
	bare.ProtoReflect().Clear(field)
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(bare)
	if err != nil {
		return commit.Idempotency{}, fmt.Errorf("digest of the request: %w", err)
	}
	method := callerFrom(ctx).procedure
	h := hmac.New(sha256.New, c.TokenKey)
	h.Write([]byte("chimera.request.v1\x00" + method + "\x00"))
	h.Write(raw)
	return commit.Idempotency{Method: method, Key: key, RequestSHA256: hex.EncodeToString(h.Sum(nil))}, nil
}
