package perform_test

import (
	"math"
	"strings"

	"chimera/services/kit/toolmeta"
	"chimera/services/worker/internal/toolbox"
)

// hostileAnswer breaks every limit of the Result's schema at once.
func hostileAnswer() toolbox.Answer {
	long := strings.Repeat("ü", 100<<10) + "\xff"
	rep := toolmeta.Report{
		Confidence: math.Inf(1), Basis: long, Method: long, Model: long, Prompt: long,
		CostMicros: -5, InputTokens: math.MinInt64, OutputTokens: -1,
	}
	for range 500 {
		rep.Sources = append(rep.Sources, toolmeta.Source{URL: long[:6000], Title: long[:6000]})
		rep.Degraded = append(rep.Degraded, long[:1000])
	}
	return toolbox.Answer{Output: []byte(`{}`), Report: rep, Version: long}
}
