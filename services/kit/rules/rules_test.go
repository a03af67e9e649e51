package rules_test

import (
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"

	platformv1 "chimera/gen/go/chimera/platform/v1"
	"chimera/services/kit/rules"
)

// TestABrokenMessageIsNamedWithinBounds: R12.2. Unbounded, the second message below costs gigabytes.
func TestABrokenMessageIsNamedWithinBounds(t *testing.T) {
	broken := func(n int) int {
		err := rules.Check(&platformv1.CreateCampaignRequest{AccountIds: strings.Split(strings.Repeat("x ", n), " ")})
		var v *protovalidate.ValidationError
		require.ErrorAs(t, err, &v)
		return len(v.Violations)
	}
	require.Greater(t, broken(3), 4, "a form learns all that is wrong")
	require.Equal(t, 1, broken(500_000))
	require.NoError(t, rules.Check(&platformv1.GetSessionRequest{}))
}
