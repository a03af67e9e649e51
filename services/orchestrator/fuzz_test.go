package orchestrator

import (
	"bytes"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/kit/errs"
	"chimera/services/kit/fuzztest"
)

// FuzzSeed reads any document as a seed: it is refused as a whole, or every persona and campaign in it keeps the
// contract's rules.
func FuzzSeed(f *testing.F) {
	f.Add([]byte(`{"tenants":[{"slug":"a","name":"A","members":[{"subject":"s","email":"e@example.test","role":"admin"}],"agents":[{"name":"n","persona":{"voice":"v","language":"en"},"accounts":[{"platform":"bluesky","handle":"h","base_url":"https://x.example","secret":"s"}],"campaigns":[{"name":"c","goal":"g","playbook":"trend-post","parameters":{},"accounts":["h"]}]}]}]}`))
	f.Add([]byte(`{"tenants":[{"agents":[{"persona":{"voice":null}}]}]}`))
	f.Add([]byte(`{"tenants":null} {}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		doc, err := readSeed(bytes.NewReader(raw))
		if err != nil {
			require.Equal(t, errs.Invalid, errs.KindOf(err))
			return
		}
		for _, tenant := range doc.Tenants {
			for _, agent := range tenant.Agents {
				persona := &platformv1.Persona{}
				require.NoError(t, protojson.Unmarshal(agent.Persona, persona))
				require.NoError(t, protovalidate.Validate(persona))
			}
		}
	})
}

// FuzzPolicy reads personas, policies and parameters as JSON, the way they are stored: what is valid is the same
// after a round trip.
func FuzzPolicy(f *testing.F) {
	f.Add([]byte(`{"confidenceThreshold":0.7,"bannedTerms":["miracle"],"sensitiveTerms":["election"]}`))
	f.Add([]byte(`{"voice":"v","language":"en","never":["cure"]}`))
	f.Add([]byte(`{"feeds":["https://x.example/"],"keywords":[""],"hackerNews":true,"metricsAfter":"60s"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		defer fuzztest.Bound(t)()
		persona, policy, parameters := &platformv1.Persona{}, &platformv1.Policy{}, &platformv1.CampaignParameters{}
		if parse(raw, persona, "it") == nil {
			out, err := protojson.Marshal(persona)
			require.NoError(t, err)
			require.NoError(t, parse(out, &platformv1.Persona{}, "it"))
		}
		if parse(raw, policy, "it") == nil {
			out, err := protojson.Marshal(policy)
			require.NoError(t, err)
			require.NoError(t, parse(out, &platformv1.Policy{}, "it"))
		}
		if parse(raw, parameters, "it") == nil {
			out, err := protojson.Marshal(parameters)
			require.NoError(t, err)
			require.NoError(t, parse(out, &platformv1.CampaignParameters{}, "it"))
		}
	})
}
