// Package schedule says which faults a chaos run makes and when, as a pure function of its seed.
package schedule

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Kind of a fault.
type Kind string

// Kinds of faults. Each is what the field has: a machine that loses power, a cache that was emptied, a database that crashed.
const (
	Kill          Kind = "kill -9"
	WipeRedis     Kind = "wipe redis"
	RestartRedis  Kind = "restart redis"
	CrashPostgres Kind = "crash postgres"
)

// Fault is one of them.
type Fault struct {
	// At is the share of the work that is done when it happens, so that faults are spread over the work however
	// fast the machine is.
	At     float64
	Kind   Kind
	Victim string // the process that Kill ends
	// Down is how long the victim stays away.
	Down time.Duration
}

func (f Fault) String() string {
	return fmt.Sprintf("%5.1f %% %s %s, down %s", 100*f.At, f.Kind, f.Victim, f.Down.Round(time.Millisecond))
}

// Counts are how many faults of a kind a schedule has.
type Counts struct{ Kills, Redis, Postgres int }

// Full are the counts of a run at scale 1.
var Full = Counts{Kills: 200, Redis: 10, Postgres: 3}

// Times are the counts of a run at another scale; each kind is there at least once.
func (c Counts) Times(scale float64) Counts {
	times := func(n int) int { return max(1, int(float64(n)*scale+0.5)) }
	return Counts{times(c.Kills), times(c.Redis), times(c.Postgres)}
}

// The faults begin when work is under way, and end while there is enough left to be hurt by the last ones.
const first, last = 0.02, 0.92

const (
	downProcess = 300 * time.Millisecond
	downRedis   = 1500 * time.Millisecond
	downServer  = time.Second
)

// Make answers the faults of a seed in their order. victims are the processes by group; a kill takes a group by its
// weight and one of it by chance.
func Make(seed uint64, n Counts, victims []Group) []Fault {
	random := rand.New(rand.NewPCG(seed, 0xc4a05))
	var all []Fault
	spread(random, n.Kills, func(at float64) {
		all = append(all, Fault{At: at, Kind: Kill, Victim: draw(random, victims), Down: jitter(random, downProcess)})
	})
	wipe := random.IntN(2)
	spread(random, n.Redis, func(at float64) {
		kind := []Kind{WipeRedis, RestartRedis}[wipe%2]
		wipe++
		f := Fault{At: at, Kind: kind}
		if kind == RestartRedis {
			f.Down = jitter(random, downRedis)
		}
		all = append(all, f)
	})
	spread(random, n.Postgres, func(at float64) {
		all = append(all, Fault{At: at, Kind: CrashPostgres, Down: jitter(random, downServer)})
	})
	slices.SortStableFunc(all, func(a, b Fault) int { return cmp.Compare(a.At, b.At) })
	return all
}

// Group is processes of one sort.
type Group struct {
	Weight int
	Names  []string
}

// spread cuts the work into n parts and takes a moment of each, so that chance makes no long quiet stretch.
func spread(random *rand.Rand, n int, at func(float64)) {
	for i := range n {
		at(first + (last-first)*(float64(i)+random.Float64())/float64(n))
	}
}

func draw(random *rand.Rand, groups []Group) string {
	all := 0
	for _, g := range groups {
		all += g.Weight
	}
	left := random.IntN(all)
	for _, g := range groups {
		if left < g.Weight {
			return g.Names[random.IntN(len(g.Names))]
		}
		left -= g.Weight
	}
	panic("unreachable: the weights sum up to all")
}

func jitter(random *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(most)))
}
