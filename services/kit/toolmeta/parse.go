package toolmeta

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

const (
	reasonInvalid = typev1.Reason_REASON_INVALID
	// maxGrant bounds the encoded grant: 4 KiB of payload, signature and key id in base64, with room.
	maxGrant = 8 << 10
)

// Parse reads a call's `_meta`. Errors: TENANT_REQUIRED without a tenant; Invalid when any other key is
// malformed; GRANT_INVALID when a grant is there and cannot be read. A malformed dry-run flag is refused
// rather than taken for "no": a misspelt "true" must never publish.
func Parse(meta map[string]any) (Call, error) {
	c := Call{}
	var err error
	if c.TenantID, err = id(meta, TenantID); err != nil || c.TenantID == "" {
		return Call{}, errs.New(errs.Denied, typev1.Reason_REASON_TENANT_REQUIRED, "a tool call must name its tenant in _meta "+TenantID)
	}
	if c.TaskID, err = id(meta, TaskID); err != nil {
		return Call{}, err
	}
	if c.TaskID == "" {
		return Call{}, errs.New(errs.Invalid, reasonInvalid, "a tool call must name its task in _meta "+TaskID)
	}
	if c.AccountID, err = id(meta, AccountID); err != nil {
		return Call{}, err
	}
	if c.RequestID, err = text(meta, RequestID, 64); err != nil {
		return Call{}, err
	}
	if c.Epoch, err = number(meta, Epoch); err != nil {
		return Call{}, err
	}
	attempt, err := number(meta, Attempt)
	if err != nil {
		return Call{}, err
	}
	c.Attempt = int(attempt)
	if c.DryRun, err = flag(meta, DryRun); err != nil {
		return Call{}, err
	}
	if c.ToolDigest, err = text(meta, ToolDigest, 64); err != nil {
		return Call{}, err
	}
	c.Grant, err = signedGrant(meta)
	return c, err
}

func text(meta map[string]any, key string, limit int) (string, error) {
	v, ok := meta[key]
	if !ok || v == nil {
		return "", nil
	}
	s, ok := v.(string)
	if !ok || len(s) > limit {
		return "", errs.Newf(errs.Invalid, reasonInvalid, "_meta %s must be a string of at most %d bytes", key, limit)
	}
	return s, nil
}

func id(meta map[string]any, key string) (string, error) {
	s, err := text(meta, key, 36)
	if err != nil || s == "" {
		return "", err
	}
	if u, err := uuid.Parse(s); err != nil || u == uuid.Nil || u.String() != s {
		return "", errs.Newf(errs.Invalid, reasonInvalid, "_meta %s must be a UUID", key)
	}
	return s, nil
}

func number(meta map[string]any, key string) (int64, error) {
	s, err := text(meta, key, 20)
	if err != nil || s == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, errs.Newf(errs.Invalid, reasonInvalid, "_meta %s must be a whole number from 0", key)
	}
	return n, nil
}

func flag(meta map[string]any, key string) (bool, error) {
	switch meta[key] {
	case nil, "false", false:
		return false, nil
	case "true", true:
		return true, nil
	}
	return false, errs.Newf(errs.Invalid, reasonInvalid, "_meta %s must be \"true\" or \"false\"", key)
}

func signedGrant(meta map[string]any) (*busv1.SignedGrant, error) {
	s, err := text(meta, Grant, maxGrant)
	if err != nil || s == "" {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(s)
	sg := &busv1.SignedGrant{}
	if err == nil {
		err = proto.Unmarshal(raw, sg)
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.Denied, typev1.Reason_REASON_GRANT_INVALID, "the grant cannot be read")
	}
	return sg, nil
}

// FromError keeps of an error what may travel.
func FromError(err error) Error {
	e := errs.As(err)
	return Error{Kind: e.Kind.String(), Reason: e.Reason.String(), Message: e.Public, RetryAfterMS: e.RetryAfter.Milliseconds(), Meta: e.Meta}
}

// Err rebuilds the typed error. A kind or reason this build does not know becomes TOOL_FAILED, which is
// never retried: a skill cannot talk a worker into a loop.
func (e Error) Err() *errs.Error {
	out := &errs.Error{Kind: errs.Internal, Reason: typev1.Reason_REASON_TOOL_FAILED, Public: e.Message, Meta: e.Meta}
	for k := errs.Internal; k <= errs.Unknown; k++ {
		if k.String() == e.Kind {
			out.Kind = k
		}
	}
	if r, ok := typev1.Reason_value[e.Reason]; ok && r != 0 {
		out.Reason = typev1.Reason(r)
	}
	if e.RetryAfterMS > 0 {
		out.RetryAfter = time.Duration(min(e.RetryAfterMS, time.Hour.Milliseconds())) * time.Millisecond
	}
	return out
}

// Decode reads one JSON value that a result carries under key, as a string or as an object; ok is false
// when it is absent or unreadable.
func Decode[T any](meta map[string]any, key string) (value T, ok bool) {
	v, there := meta[key]
	if !there {
		return value, false
	}
	raw, isText := v.(string)
	if !isText {
		b, err := json.Marshal(v)
		if err != nil {
			return value, false
		}
		raw = string(b)
	}
	return value, json.Unmarshal([]byte(raw), &value) == nil
}
