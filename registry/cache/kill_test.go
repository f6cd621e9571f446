package cache_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/registry/cache"
)

// wanted is larger than what shares a lock, so that it has a lock file of its own.
var wanted = strings.Repeat("wanted ", 50_000)

// halfway writes half of a blob, says so and waits to be killed.
func halfway(c *cache.Cache) error {
	_, err := c.Store(context.Background(), describe(wanted), func(_ context.Context, p *cache.Partial) error {
		if _, err := p.Write([]byte(wanted[:len(wanted)/2])); err != nil {
			return err
		}
		fmt.Println("half")
		time.Sleep(time.Hour) // for ever would be a deadlock that ends the process
		return nil
	})
	return err
}

// endless stores one blob after the other, in pieces, and says so before each piece.
func endless(c *cache.Cache) error {
	for i := 0; ; i++ {
		content := strings.Repeat(fmt.Sprintf("%d of %d ", i, os.Getpid()), 10_000)
		_, err := c.Store(context.Background(), describe(content), func(_ context.Context, p *cache.Partial) error {
			for rest := content; len(rest) > 0; {
				fmt.Println("piece")
				n := min(len(rest), 30_000)
				if _, err := p.Write([]byte(rest[:n])); err != nil {
					return err
				}
				rest = rest[n:]
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := c.Remember(fmt.Sprintf("a.example/r:%d", i), describe(content)); err != nil {
			return err
		}
	}
}

// started is a child process that has said so many lines. It is killed by the returned function.
func started(t *testing.T, dir, name string, lines int) (kill func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, name)
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	t.Cleanup(kill)
	said := bufio.NewScanner(out)
	for range lines {
		if !said.Scan() {
			t.Fatal("the child has ended")
		}
	}
	return kill
}

// Three wait for a process that is killed in the middle of its download: one of them takes over, none sees a half.
func TestWhoWaitsForAKilledProcessTakesOver(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	kill := started(t, dir, "half", 1)
	reader, _ := open(t, dir)
	if _, err := fetch(t, reader, describe(wanted)); !errors.Is(err, errdef.ErrNotFound) {
		t.Errorf("in the middle: %v", err)
	}
	var fills atomic.Int32
	var wg, waiting sync.WaitGroup
	for range 3 {
		waiting.Add(1)
		wg.Go(func() {
			waits := sync.OnceFunc(waiting.Done)
			defer waits() // also if it did not have to wait
			c, err := cache.Open(dir, func(cache.Event) { waits() })
			if err == nil {
				_, err = c.Store(context.Background(), describe(wanted), func(_ context.Context, p *cache.Partial) error {
					fills.Add(1)
					_, err := p.Write([]byte(wanted))
					return err
				})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	waiting.Wait()
	kill()
	wg.Wait()
	if n := fills.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
	if got, err := fetch(t, reader, describe(wanted)); got != wanted || err != nil {
		t.Errorf("afterwards: %d bytes, %v", len(got), err)
	}
}

// A process that fills the cache is killed at many instants: every file under blobs/ has its digest, every reference
// that is remembered leads to a blob, and the next one goes on.
func TestKilledAtAnyInstantTheCacheIsWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 15 {
		started(t, dir, "endless", 1+r.IntN(40))()
		c, _ := open(t, dir)
		report, err := c.Verify(t.Context(), nil)
		if err != nil || report.Damaged != nil {
			t.Fatalf("round %d: %+v %v", round, report, err)
		}
		refs, err := c.Refs()
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range refs {
			if there, err := c.Exists(t.Context(), ref.Descriptor); !there || err != nil {
				t.Errorf("round %d: %s leads to nothing: %v", round, ref.Reference, err)
			}
		}
	}
	c, _ := open(t, dir)
	if got, err := fetch(t, c, store(t, c, wanted)); got != wanted || err != nil {
		t.Errorf("afterwards: %d bytes, %v", len(got), err)
	}
}

// Readers, writers and pruning at once, each as if in a process of its own: whoever gets the blob gets all of it.
func TestNobodySeesHalfABlobWhileItComesAndGoes(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	var seen atomic.Int32
	done := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			c, err := cache.Open(dir, nil)
			for err == nil {
				select {
				case <-done:
					return
				default:
				}
				got, missing := fetch(t, c, describe(wanted))
				if missing == nil {
					seen.Add(1)
				}
				if missing == nil && got != wanted || missing != nil && !errors.Is(missing, errdef.ErrNotFound) || errors.As(missing, new(*cache.DamagedError)) {
					err = fmt.Errorf("%d bytes, %v", len(got), missing)
				}
			}
			t.Error(err)
		})
	}
	c, _ := open(t, dir)
	for i := 0; i < 50 || seen.Load() == 0; i++ {
		store(t, c, wanted)
		if err := os.Remove(blobPath(c, describe(wanted))); err != nil { // what pruning does, without its age
			t.Fatal(err)
		}
	}
	close(done)
	wg.Wait()
}
