package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/services/kit/grant"
	"chimera/services/orchestrator/internal/audit"
)

const (
	tenant = "018f3f0e-0d5a-7b1e-9a53-1f2f3f4f5f6f"
	rival  = "018f3f0e-0d5a-7b1e-9a53-ffffffffffff"
)

var (
	private = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))
	keyID   = grant.KeyID(private.Public().(ed25519.PublicKey))
	keys    = map[string]ed25519.PublicKey{keyID: private.Public().(ed25519.PublicKey)}
)

// chain is what an attacker with the database can lay hands on: entries and head, and the checkpoints beside them.
type chain struct {
	records     []audit.Record
	headSeq     int64
	headHash    []byte
	checkpoints []audit.Checkpoint
}

func newChain(tenant string, n, every int) chain {
	c := chain{headHash: audit.Genesis}
	at := time.Date(2026, 1, 2, 3, 4, 5, 678000, time.UTC)
	for i := range n {
		r := audit.Record{
			TenantID: tenant, Seq: int64(i + 1), At: at.Add(time.Duration(i) * time.Second), Actor: "user-1", Action: "review.approved",
			ObjectType: "review", ObjectID: fmt.Sprintf("id-%d", i), RequestID: fmt.Sprintf("req-%d", i), Detail: `{"version":1}`, PrevHash: c.headHash,
		}
		r.Seal()
		c.records, c.headSeq, c.headHash = append(c.records, r), r.Seq, r.Hash
		if (i+1)%every == 0 {
			c.checkpoints = append(c.checkpoints, sign(tenant, r))
		}
	}
	return c
}

func sign(tenant string, r audit.Record) audit.Checkpoint {
	c := audit.Checkpoint{TenantID: tenant, Seq: r.Seq, Hash: r.Hash, At: r.At, KeyID: keyID}
	c.Signature = ed25519.Sign(private, c.Message())
	return c
}

func (c chain) clone() chain {
	c.records, c.checkpoints, c.headHash = slices.Clone(c.records), slices.Clone(c.checkpoints), slices.Clone(c.headHash)
	for i := range c.records {
		c.records[i].Hash, c.records[i].PrevHash = slices.Clone(c.records[i].Hash), slices.Clone(c.records[i].PrevHash)
	}
	for i := range c.checkpoints {
		c.checkpoints[i].Hash, c.checkpoints[i].Signature = slices.Clone(c.checkpoints[i].Hash), slices.Clone(c.checkpoints[i].Signature)
	}
	return c
}

// reseal makes the chain consistent again from index i on, head row included: all that one without the
// signing key can do.
func (c *chain) reseal(i int) {
	prev := audit.Genesis
	if i > 0 {
		prev = c.records[i-1].Hash
	}
	for ; i < len(c.records); i++ {
		c.records[i].Seq, c.records[i].PrevHash = int64(i+1), prev
		c.records[i].Seal()
		prev = c.records[i].Hash
	}
	c.headSeq, c.headHash = int64(len(c.records)), prev
}

func (c chain) verify(checkpoints []audit.Checkpoint) *audit.Finding {
	v := audit.NewVerifier(tenant, checkpoints, keys)
	for _, r := range c.records {
		v.Add(r)
	}
	return v.Finish(c.headSeq, c.headHash)
}

const length, every = 40, 8

// checkpointFrom is the first checkpointed entry at or after seq: where a rewrite from seq on must show.
func checkpointFrom(seq int64) int64 { return (seq + every - 1) / every * every }

// mutations change a clone of the chain at index i (0-based; r draws further choices) and answer the first
// entry that does not hold.
var mutations = map[string]func(r *rand.Rand, c *chain, i int) int64{
	"change a field": func(r *rand.Rand, c *chain, i int) int64 {
		e := &c.records[i]
		fields := []*string{&e.TenantID, &e.Actor, &e.Action, &e.ObjectType, &e.ObjectID, &e.RequestID, &e.Detail}
		f := fields[r.IntN(len(fields))]
		*f = *f + "x"
		return e.Seq
	},
	"empty a field": func(r *rand.Rand, c *chain, i int) int64 {
		e := &c.records[i]
		fields := []*string{&e.Actor, &e.Action, &e.ObjectType, &e.ObjectID, &e.RequestID, &e.Detail}
		*fields[r.IntN(len(fields))] = ""
		return e.Seq
	},
	"move a letter between fields": func(_ *rand.Rand, c *chain, i int) int64 {
		e := &c.records[i]
		e.Action, e.Actor = e.Actor[len(e.Actor)-1:]+e.Action, e.Actor[:len(e.Actor)-1]
		return e.Seq
	},
	"change the time": func(r *rand.Rand, c *chain, i int) int64 {
		c.records[i].At = c.records[i].At.Add(time.Duration(1+r.IntN(1e6)) * time.Microsecond)
		return int64(i + 1)
	},
	"change the number": func(r *rand.Rand, c *chain, i int) int64 {
		c.records[i].Seq += int64(1 + r.IntN(100))
		return int64(i + 1)
	},
	"lower the number": func(r *rand.Rand, c *chain, i int) int64 {
		c.records[i].Seq -= int64(1 + r.IntN(length))
		return int64(i + 1)
	},
	"flip a bit of a hash": func(r *rand.Rand, c *chain, i int) int64 {
		c.records[i].Hash[r.IntN(32)] ^= 1 << r.IntN(8)
		return int64(i + 1)
	},
	"flip a bit of the former hash": func(r *rand.Rand, c *chain, i int) int64 {
		c.records[i].PrevHash[r.IntN(32)] ^= 1 << r.IntN(8)
		return int64(i + 1)
	},
	"change and seal again": func(_ *rand.Rand, c *chain, i int) int64 {
		e := &c.records[i]
		e.Detail = `{"version":2}`
		e.Seal()
		if e.Seq%every == 0 {
			return e.Seq
		}
		return e.Seq + 1 // what follows, entry or head row, still knows the old hash
	},
	"delete": func(_ *rand.Rand, c *chain, i int) int64 {
		c.records = slices.Delete(c.records, i, i+1)
		return int64(i + 1)
	},
	"delete and renumber": func(_ *rand.Rand, c *chain, i int) int64 {
		c.records = slices.Delete(c.records, i, i+1)
		c.reseal(i)
		return min(checkpointFrom(int64(i+1)), int64(len(c.records))+1)
	},
	"insert a twin": func(r *rand.Rand, c *chain, i int) int64 {
		at := r.IntN(i + 1)
		c.records = slices.Insert(c.records, i+1, c.records[at]) // an earlier entry once more, after entry i+1
		return int64(i + 2)
	},
	"insert and renumber": func(_ *rand.Rand, c *chain, i int) int64 {
		c.records = slices.Insert(c.records, i, audit.Record{TenantID: tenant, Actor: "user-2", Action: "review.approved", Detail: "{}"})
		c.reseal(i)
		return checkpointFrom(int64(i + 1))
	},
	"append a forged entry": func(_ *rand.Rand, c *chain, _ int) int64 {
		c.records = append(c.records, audit.Record{TenantID: tenant, Seq: length + 1, Action: "review.approved", PrevHash: c.headHash})
		c.records[length].Seal()
		return length + 1 // the head row does not know it
	},
	"reorder": func(r *rand.Rand, c *chain, i int) int64 {
		j := (i + 1 + r.IntN(length-1)) % length
		c.records[i], c.records[j] = c.records[j], c.records[i]
		return int64(min(i, j) + 1)
	},
	"reorder and renumber": func(r *rand.Rand, c *chain, i int) int64 {
		j := (i + 1 + r.IntN(length-1)) % length
		c.records[i], c.records[j] = c.records[j], c.records[i]
		first := min(i, j)
		c.reseal(first)
		return checkpointFrom(int64(first + 1))
	},
	"entry of another tenant in its place": func(_ *rand.Rand, c *chain, i int) int64 {
		c.records[i] = newChain(rival, length, every).records[i]
		return int64(i + 1)
	},
	"entry of another tenant added": func(r *rand.Rand, c *chain, i int) int64 {
		c.records = slices.Insert(c.records, i, newChain(rival, length, every).records[r.IntN(length)])
		return int64(i + 1)
	},
	"another tenant's whole chain": func(_ *rand.Rand, c *chain, _ int) int64 {
		other := newChain(rival, length, every)
		c.records, c.headSeq, c.headHash = other.records, other.headSeq, other.headHash
		return 1
	},
	"cut the tail": func(_ *rand.Rand, c *chain, i int) int64 {
		c.records = c.records[:i]
		return int64(i + 1)
	},
	"cut the tail and the head": func(_ *rand.Rand, c *chain, i int) int64 {
		c.records = c.records[:i]
		c.reseal(i)
		return int64(i + 1)
	},
	"change the head": func(r *rand.Rand, c *chain, _ int) int64 {
		c.headHash[r.IntN(32)] ^= 1 << r.IntN(8)
		return length + 1
	},
	"rewrite from here on": func(_ *rand.Rand, c *chain, i int) int64 {
		c.records[i].Actor = "user-2"
		c.reseal(i)
		return checkpointFrom(int64(i + 1))
	},
	"rewrite all": func(_ *rand.Rand, c *chain, _ int) int64 {
		for k := range c.records {
			c.records[k].Actor = "user-2"
		}
		c.reseal(0)
		return every
	},
	"spoil a checkpoint": func(r *rand.Rand, c *chain, _ int) int64 {
		p := &c.checkpoints[r.IntN(len(c.checkpoints))]
		[]func(){
			func() { p.Hash[r.IntN(32)] ^= 1 }, func() { p.Signature[r.IntN(64)] ^= 1 }, func() { p.KeyID = "unknown" },
			func() { p.At = p.At.Add(time.Microsecond) }, func() { p.TenantID = rival },
		}[r.IntN(5)]()
		return p.Seq
	},
	"checkpoint of another tenant": func(r *rand.Rand, c *chain, _ int) int64 {
		i := r.IntN(len(c.checkpoints))
		c.checkpoints[i] = newChain(rival, length, every).checkpoints[i]
		return c.checkpoints[i].Seq
	},
}

func TestEveryMutationIsFoundAndPlaced(t *testing.T) { // R14.3
	intact := newChain(tenant, length, every)
	require.Nil(t, intact.verify(intact.checkpoints))
	r := rand.New(rand.NewPCG(14, 3))
	total := 0
	for name, mutate := range mutations {
		for range 60 {
			c := intact.clone()
			i := r.IntN(length)
			want := mutate(r, &c, i)
			got := c.verify(c.checkpoints)
			require.NotNil(t, got, "%s at index %d", name, i)
			require.Equal(t, want, got.Seq, "%s at index %d: %s", name, i, got.What)
			require.NotEmpty(t, got.What)
			total++
		}
	}
	require.GreaterOrEqual(t, total, 1000)
}

// The planted bug: a verifier that leaves the checkpoints out. It must miss what only they can show, or the
// test above would prove nothing about them.
func TestWithoutCheckpointsARewriteGoesUnseen(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"rewrite all", "rewrite from here on", "delete and renumber", "insert and renumber", "reorder and renumber", "cut the tail and the head"} {
		c := newChain(tenant, length, every)
		mutations[name](r, &c, 5)
		require.Nil(t, c.verify(nil), name)
		require.NotNil(t, c.verify(c.checkpoints), name)
	}
}

func TestTwoCheckpointsThatDisagree(t *testing.T) {
	c := newChain(tenant, length, every)
	forged := c.records[15]
	forged.Actor = "user-2"
	forged.Seal()
	got := c.verify(append(c.checkpoints, sign(tenant, forged)))
	require.NotNil(t, got)
	require.EqualValues(t, 16, got.Seq)
}

func TestEmptyChainIsIntact(t *testing.T) {
	require.Nil(t, audit.NewVerifier(tenant, nil, keys).Finish(0, audit.Genesis))
	require.NotNil(t, audit.NewVerifier(tenant, nil, keys).Finish(3, audit.Genesis))
}

func TestHeadNamesTheEnd(t *testing.T) {
	c := newChain(tenant, 3, every)
	v := audit.NewVerifier(tenant, nil, keys)
	for _, r := range c.records {
		v.Add(r)
	}
	seq, hash := v.Head()
	require.EqualValues(t, 3, seq)
	require.Equal(t, hex.EncodeToString(c.headHash), hash)
}

func TestDetailIsDeterministic(t *testing.T) {
	for range 20 {
		got, err := audit.EncodeDetail(map[string]any{"b": 1, "a": []string{"x"}, "c": map[string]any{"z": 1, "y": 2}})
		require.NoError(t, err)
		require.Equal(t, `{"a":["x"],"b":1,"c":{"y":2,"z":1}}`, got) //nolint:testifylint // the bytes count, not the value: they are hashed
	}
	empty, err := audit.EncodeDetail(nil)
	require.NoError(t, err)
	require.Equal(t, "{}", empty)
	_, err = audit.EncodeDetail(map[string]any{"f": func() {}})
	require.Error(t, err)
}
