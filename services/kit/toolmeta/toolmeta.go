// Package toolmeta is the contract between a worker and a skill beside the tool's own schema: what travels
// in the `_meta` of an MCP call and of its result. It knows no MCP library, so both sides can share it.
package toolmeta

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/grant"
)

// Keys of a call's `_meta`. Trace context travels unprefixed beside them (SEP-414).
const (
	TenantID  = "chimera/tenant_id"
	TaskID    = "chimera/task_id"
	AccountID = "chimera/account_id"
	Epoch     = "chimera/epoch"
	Attempt   = "chimera/attempt"
	RequestID = "chimera/request_id"
	DryRun    = "chimera/dry_run"
	Grant     = "chimera/grant"
	// ToolDigest is the tool as the task's planner saw it: the skill refuses the call if it is no longer that.
	ToolDigest = "chimera/tool_digest"
)

// Keys of a result's `_meta`.
const (
	ReportKey  = "chimera/report"
	OutcomeKey = "chimera/outcome"
	ErrorKey   = "chimera/error"
)

// Outcome is how an effect ended, in execute mode only. There are three, never two.
type Outcome string

// The three outcomes.
const (
	Done    Outcome = "done"
	NotDone Outcome = "not_done"
	Unknown Outcome = "unknown"
)

// Call is what a tool call carries about the task it belongs to.
type Call struct {
	TenantID, TaskID, AccountID, RequestID string
	Epoch                                  int64
	Attempt                                int
	DryRun                                 bool
	// ToolDigest may be empty: then any version of the tool may answer.
	ToolDigest string
	// Grant is nil except when an effect is to be executed.
	Grant *busv1.SignedGrant
}

// Meta writes a call as `_meta`. It fails only when the grant cannot be encoded.
func (c Call) Meta() (map[string]any, error) {
	meta := map[string]any{
		TenantID: c.TenantID, TaskID: c.TaskID,
		Epoch: strconv.FormatInt(c.Epoch, 10), Attempt: strconv.Itoa(c.Attempt),
	}
	if c.AccountID != "" {
		meta[AccountID] = c.AccountID
	}
	if c.RequestID != "" {
		meta[RequestID] = c.RequestID
	}
	if c.ToolDigest != "" {
		meta[ToolDigest] = c.ToolDigest
	}
	if c.DryRun {
		meta[DryRun] = "true"
	}
	if c.Grant != nil {
		raw, err := proto.Marshal(c.Grant)
		if err != nil {
			return nil, fmt.Errorf("encode grant: %w", err)
		}
		meta[Grant] = base64.StdEncoding.EncodeToString(raw)
	}
	return meta, nil
}

// Report says what a tool's output rests on (R10.1, R10.6) and what it cost.
type Report struct {
	// Confidence is 0–1; Basis says what it rests on.
	Confidence float64  `json:"confidence"`
	Basis      string   `json:"basis"`
	Method     string   `json:"method,omitempty"`
	Model      string   `json:"model,omitempty"`
	Prompt     string   `json:"prompt,omitempty"`
	Tainted    bool     `json:"tainted"`
	Sources    []Source `json:"sources,omitempty"`
	// CostMicros is in millionths of the tenant's currency unit.
	CostMicros   int64    `json:"cost_micros"`
	InputTokens  int64    `json:"input_tokens"`
	OutputTokens int64    `json:"output_tokens"`
	Degraded     []string `json:"degraded,omitempty"`
}

// Source is where some of the output came from.
type Source struct {
	URL     string `json:"url"`
	Title   string `json:"title,omitempty"`
	Tainted bool   `json:"tainted"`
}

// Error is what of a tool's error travels to the worker.
type Error struct {
	Kind         string            `json:"kind"`
	Reason       string            `json:"reason"`
	Message      string            `json:"message"`
	RetryAfterMS int64             `json:"retry_after_ms,omitempty"`
	Meta         map[string]string `json:"meta,omitempty"`
}

// Descriptor measures a tool as MCP lists it. skill is the name the worker knows the server by, which must
// be the server's own; the schemas and annotations may be any value that marshals to JSON. Both sides come
// to the same digest because it is taken over canonical JSON.
func Descriptor(skill, tool, description string, input, output, annotations any) (digest string, canonical []byte, err error) {
	d := grant.ToolDescriptor{Name: skill + "." + tool, Description: description}
	for _, part := range []struct {
		to   *json.RawMessage
		from any
	}{{&d.InputSchema, input}, {&d.OutputSchema, output}, {&d.Annotations, annotations}} {
		if part.from == nil {
			continue
		}
		if *part.to, err = json.Marshal(part.from); err != nil {
			return "", nil, errs.Wrap(err, errs.Invalid, reasonInvalid, "the tool's description is not JSON")
		}
	}
	return d.Digest()
}
