package cache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/irisfix/irisfix/registry/cache"
)

// As a child process the test binary uses the cache in this directory and does nothing else.
const childEnv = "IRISFIX_TEST_CACHE_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := child(dir, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const references = 20

// child stores one blob that all children want, leaving a mark each time it has to make it, and remembers references
// of its own.
func child(dir, name string) error {
	c, err := cache.Open(dir, nil)
	if err != nil {
		return err
	}
	defer c.Close()
	switch name {
	case "half":
		return halfway(c)
	case "endless":
		return endless(c)
	}
	content := strings.Repeat("shared ", 300_000)
	fetched, err := c.Store(context.Background(), describe(content), func(_ context.Context, p *cache.Partial) error {
		_, err := p.Write([]byte(content))
		return err
	})
	if err != nil {
		return err
	}
	if fetched {
		fmt.Print("fetched")
	}
	for i := range references {
		if err := c.Remember(fmt.Sprintf("a.example/%s:%d", name, i), describe(name)); err != nil {
			return err
		}
	}
	return nil
}

func TestManyProcessesFetchOnceAndRememberEverything(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "cache")
	const processes = 8
	var wg sync.WaitGroup
	out, errs := make([]bytes.Buffer, processes), make([]error, processes)
	for i := range processes {
		wg.Go(func() {
			cmd := exec.Command(self, fmt.Sprintf("p%d", i))
			cmd.Env = append(os.Environ(), childEnv+"="+dir)
			cmd.Stdout, cmd.Stderr = &out[i], &out[i]
			errs[i] = cmd.Run()
		})
	}
	wg.Wait()
	fetched := 0
	for i := range processes {
		if errs[i] != nil {
			t.Errorf("process %d: %v: %s", i, errs[i], out[i].String())
		}
		fetched += strings.Count(out[i].String(), "fetched")
	}
	if fetched != 1 {
		t.Errorf("fetched %d times", fetched)
	}
	c, _ := open(t, dir)
	if refs, err := c.Refs(); err != nil || len(refs) != processes*references {
		t.Errorf("%d references of %d remembered: %v", len(refs), processes*references, err)
	}
	if report, err := c.Verify(t.Context(), nil); err != nil || report.Checked != 1 || report.Damaged != nil {
		t.Errorf("%+v %v", report, err)
	}
}

func TestASecondWriterWaitsSaysSoOnceAndFetchesNothing(t *testing.T) {
	dir := t.TempDir()
	first, _ := open(t, dir)
	second, said := open(t, dir)
	waiting := make(chan struct{})
	second, err := cache.Open(dir, func(e cache.Event) {
		said.add(e)
		close(waiting)
	})
	if err != nil {
		t.Fatal(err)
	}
	desc, results := describe("hello"), make(chan bool, 1)
	fetched, err := first.Store(t.Context(), desc, func(ctx context.Context, p *cache.Partial) error {
		go func() {
			fetched, err := second.Store(ctx, desc, func(context.Context, *cache.Partial) error {
				return errors.New("fetched a second time")
			})
			if err != nil {
				t.Error(err)
			}
			results <- fetched
		}()
		<-waiting
		_, err := p.Write([]byte("hello"))
		return err
	})
	if !fetched || err != nil {
		t.Errorf("first: %v %v", fetched, err)
	}
	if <-results {
		t.Error("the second one claims to have fetched")
	}
	if kinds := said.kinds(); !slices.Equal(kinds, []cache.Kind{cache.Waiting}) {
		t.Errorf("events %v", kinds)
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	dir := t.TempDir()
	first, _ := open(t, dir)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	second, err := cache.Open(dir, func(cache.Event) { cancel(cause) })
	if err != nil {
		t.Fatal(err)
	}
	_, err = first.Store(t.Context(), describe("hello"), func(_ context.Context, p *cache.Partial) error {
		if _, err := second.Store(ctx, describe("hello"), nil); !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
		_, err := p.Write([]byte("hello"))
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheNextOneTakesOverWhenAFetchFails(t *testing.T) {
	dir := t.TempDir()
	first, _ := open(t, dir)
	second, _ := open(t, dir)
	lost, results := errors.New("lost"), make(chan error, 1)
	_, err := first.Store(t.Context(), describe("hello"), func(context.Context, *cache.Partial) error {
		go func() { results <- second.StoreBytes(t.Context(), describe("hello"), []byte("hello")) }()
		return lost
	})
	if !errors.Is(err, lost) {
		t.Errorf("got %v", err)
	}
	if err := <-results; err != nil {
		t.Error(err)
	}
	if got, err := fetch(t, first, describe("hello")); got != "hello" || err != nil {
		t.Errorf("%q %v", got, err)
	}
}

func TestWithoutWorkingLocksItIsStillCorrect(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "locks"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	content := strings.Repeat("x", 1<<20)
	for range 4 {
		wg.Go(func() {
			c, err := cache.Open(dir, nil)
			if err == nil {
				err = os.MkdirAll(filepath.Join(dir, "partial"), 0o755)
			}
			if err == nil {
				err = os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755)
			}
			if err == nil {
				err = c.StoreBytes(context.Background(), describe(content), []byte(content))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	c, _ := open(t, dir)
	if report, err := c.Verify(t.Context(), nil); err != nil || report.Checked != 1 || report.Damaged != nil {
		t.Errorf("%+v %v", report, err)
	}
}
