package orchestrator_test

import (
	"testing"

	"chimera/infra/local/parts/partstest"
)

func TestMain(m *testing.M) { partstest.Main(m) }
