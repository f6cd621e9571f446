package faultproxy

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Rand is a source of random numbers for scripts. It may be used from several goroutines.
type Rand struct {
	mu sync.Mutex
	r  *rand.Rand
}

// NewRand returns numbers from a seed: the given one or, if that is empty, a new one. It is logged, so that a test that
// failed can be run again with it.
func NewRand(t testing.TB, seed string) *Rand {
	t.Helper()
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", n)
	return &Rand{r: rand.New(rand.NewPCG(n, n))}
}

// Below returns a number from 0 to n-1.
func (r *Rand) Below(n int64) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.r.Int64N(n)
}

// Bytes returns n bytes that do not compress.
func (r *Rand) Bytes(n int) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := make([]byte, n)
	for i := 0; i < n; i += 8 {
		v := r.r.Uint64()
		for k := i; k < min(i+8, n); k++ {
			b[k] = byte(v >> (8 * (k - i)))
		}
	}
	return b
}
