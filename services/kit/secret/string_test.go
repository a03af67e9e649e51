package secret_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"

	"chimera/services/kit/secret"
)

func TestStringNeverPrints(t *testing.T) {
	type inner struct{ hidden secret.String }
	s := secret.New("hunter2-canary")
	asJSON, err := json.Marshal(map[string]any{"a": s, "b": []secret.String{s}, "c": struct{ S secret.String }{s}})
	require.NoError(t, err)
	for _, text := range []string{
		s.String(), fmt.Sprint(s), fmt.Sprintf("%+v", inner{s}), fmt.Sprintf("%#v %x %q %d", s, s, s, s),
		fmt.Sprintf("%v", &inner{s}), fmt.Sprintf("%#v", []inner{{s}}), fmt.Sprint(map[string]secret.String{"k": s}), string(asJSON),
	} {
		require.NotContains(t, text, "hunter2")
		require.NotContains(t, text, "68756e746572")
	}
	require.Equal(t, "hunter2-canary", s.Reveal())
	require.Equal(t, secret.Mask, secret.Process().RedactString("hunter2-canary"), "a secret that was made is a known one")
}

func TestStringFromConfiguration(t *testing.T) {
	t.Setenv("CHIMERA_PASS", "from-the-environment")
	var c struct {
		Pass  secret.String `env:"CHIMERA_PASS"`
		Unset secret.String `env:"CHIMERA_UNSET"`
	}
	require.NoError(t, env.Parse(&c))
	require.Equal(t, "from-the-environment", c.Pass.Reveal())
	require.True(t, c.Unset.Empty())
	require.Empty(t, c.Unset.String())
	require.True(t, c.Pass.Equal(secret.New("from-the-environment")))
	require.False(t, c.Pass.Equal(c.Unset))

	var fromJSON secret.String
	require.NoError(t, json.Unmarshal([]byte(`"in-a-document"`), &fromJSON))
	require.Equal(t, "in-a-document", fromJSON.Reveal())
	require.NotContains(t, fmt.Sprint(json.Unmarshal([]byte(`{"hunter2":1}`), &fromJSON)), "hunter2")
}
