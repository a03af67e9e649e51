package toolmeta_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/errs"
	"chimera/services/kit/fuzztest"
	"chimera/services/kit/toolmeta"
)

// FuzzCall reads the `_meta` of calls: what is accepted says the same when it is written and read again.
func FuzzCall(f *testing.F) {
	const id = "0190a1b2-0000-7000-8000-000000000001"
	f.Add([]byte(`{"chimera/tenant_id":"` + id + `","chimera/task_id":"` + id + `","chimera/account_id":"` + id + `","chimera/epoch":"7","chimera/attempt":"1","chimera/dry_run":"true"}`))
	f.Add([]byte(`{"chimera/tenant_id":"` + id + `","chimera/task_id":"` + id + `","chimera/grant":"CgIIARIBYRoBYg=="}`))
	f.Add([]byte(`{"chimera/tenant_id":{},"chimera/epoch":-1,"chimera/dry_run":"True"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		var meta map[string]any
		if json.Unmarshal(raw, &meta) != nil {
			return
		}
		c, err := toolmeta.Parse(meta)
		if err != nil {
			require.NotEqual(t, errs.Internal, errs.KindOf(err))
			return
		}
		require.NotEmpty(t, c.TenantID)
		written, err := c.Meta()
		require.NoError(t, err)
		again, err := toolmeta.Parse(written)
		require.NoError(t, err)
		require.Equal(t, c.Grant == nil, again.Grant == nil)
		c.Grant, again.Grant = nil, nil
		require.Equal(t, c, again)
	})
}

// FuzzReport reads what a tool says of its own result or failure: a skill cannot claim a kind that we do not know,
// nor a pause without end.
func FuzzReport(f *testing.F) {
	f.Add([]byte(`{"chimera/report":"{\"confidence\":0.5,\"basis\":\"b\",\"sources\":[{\"url\":\"u\",\"tainted\":true}]}","chimera/error":"{\"kind\":\"Throttled\",\"reason\":\"REASON_RATE_LIMITED\",\"retry_after_ms\":9223372036854775807}"}`))
	f.Add([]byte(`{"chimera/report":{"confidence":1e308,"sources":null},"chimera/error":{"kind":"NoSuchKind","reason":"x","meta":{"a":"b"}}}`))
	f.Add([]byte(`{"chimera/report":[],"chimera/error":7}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		var meta map[string]any
		if json.Unmarshal(raw, &meta) != nil {
			return
		}
		toolmeta.Decode[toolmeta.Report](meta, toolmeta.ReportKey)
		said, ok := toolmeta.Decode[toolmeta.Error](meta, toolmeta.ErrorKey)
		if !ok {
			return
		}
		e := said.Err()
		require.NotZero(t, e.Reason)
		require.GreaterOrEqual(t, e.RetryAfter.Hours(), 0.0)
		require.LessOrEqual(t, e.RetryAfter.Hours(), 1.0)
	})
}

// FuzzDescriptor measures tools as foreign servers list them: the digest is stable, and depends on the values alone.
func FuzzDescriptor(f *testing.F) {
	f.Add("publisher", "publish", "Publishes.", []byte(`{"type":"object","properties":{"text":{"type":"string"}}}`), []byte(`{"readOnlyHint":false}`))
	f.Add("x", "", "\u202e", []byte(`{"a":1,"a":2}`), []byte(`[[[[]]]]`))
	f.Fuzz(func(t *testing.T, skill, tool, description string, input, annotations []byte) {
		defer fuzztest.Bound(t)()
		digest, canonical, err := toolmeta.Descriptor(skill, tool, description, json.RawMessage(input), nil, json.RawMessage(annotations))
		if err != nil {
			return
		}
		require.Len(t, digest, 64)
		require.True(t, json.Valid(canonical))
		var value any
		require.NoError(t, json.Unmarshal(input, &value))
		same, _, err := toolmeta.Descriptor(skill, tool, description, json.RawMessage(" "+string(input)+"\n"), nil, json.RawMessage(annotations))
		require.NoError(t, err)
		require.Equal(t, digest, same)
	})
}
