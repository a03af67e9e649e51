// Package stats holds the bench's arithmetic.
package stats

import (
	"math"
	"slices"
)

// Number is what is measured.
type Number interface {
	~int | ~int64 | ~float64
}

// Median of the values, the mean of the middle two for an even count; 0 of none. The values keep their order.
func Median[N Number](values []N) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return float64(sorted[mid])
	}
	return (float64(sorted[mid-1]) + float64(sorted[mid])) / 2
}

// Percentile by nearest rank: the smallest value that at least p (0 to 1) of the values do not exceed; 0 of none.
func Percentile[N Number](values []N, p float64) N {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	rank := int(math.Ceil(p * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}
