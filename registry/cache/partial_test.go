package cache_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/irisfix/irisfix/registry/cache"
)

var errCut = errors.New("cut")

// cutAfter begins a transfer that ends with an error when the first n bytes and, if there are so many, the last n have
// come.
func cutAfter(t *testing.T, c *cache.Cache, content string, n int) {
	t.Helper()
	_, err := c.Store(t.Context(), describe(content), func(_ context.Context, p *cache.Partial) error {
		for _, at := range []int{0, len(content) - n} {
			if _, err := p.WriteAt([]byte(content[at:at+n]), int64(at)); err != nil {
				return err
			}
		}
		return errCut
	})
	if !errors.Is(err, errCut) {
		t.Fatal(err)
	}
}

// resume ends a transfer and returns how many bytes had still to come. What is wrong is fetched again from the start,
// as a client does it.
func resume(t *testing.T, c *cache.Cache, content string) (fetched int64) {
	t.Helper()
	_, err := c.Store(t.Context(), describe(content), func(ctx context.Context, p *cache.Partial) error {
		for {
			for _, gap := range p.Missing() {
				fetched += gap.Len()
				if _, err := p.WriteAt([]byte(content[gap.Start:gap.End]), gap.Start); err != nil {
					return err
				}
			}
			if p.Check(ctx) == nil {
				return nil
			}
			if err := p.Reset(); err != nil {
				return err
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return fetched
}

func partialPath(c *cache.Cache, content string) string {
	return filepath.Join(c.Dir(), "partial", describe(content).Digest.Encoded())
}

// Whatever became of the files of an unfinished blob, the next transfer ends with the right bytes, and with no more
// than one reading of the whole if nothing is wrong with them.
func TestAnUnfinishedBlobIsContinuedOrHealed(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 20_000) // 320 000 bytes
	const got = 100_000                                   // from the beginning, and as many from the end
	all, rest := int64(len(content)), int64(len(content)-2*got)
	change := func(path string, f func([]byte) []byte) error {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, f(data), 0o600)
	}
	record := func(at, n uint64) []byte {
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, at), n)
	}
	for name, tt := range map[string]struct {
		damage  func(file, journal string) error
		fetched int64
	}{
		"untouched": {func(string, string) error { return nil }, rest},
		"bytes changed on the disk": {func(file, _ string) error {
			return change(file, func(b []byte) []byte { b[50]++; return b })
		}, rest + all},
		"truncated": {func(file, _ string) error { return os.Truncate(file, 1000) }, all},
		"longer":    {func(file, _ string) error { return os.Truncate(file, all+1) }, all},
		"of size 0": {func(file, _ string) error { return os.Truncate(file, 0) }, all},
		"gone":      {func(file, _ string) error { return os.Remove(file) }, all},
		"garbage": {func(file, _ string) error {
			return os.WriteFile(file, bytes.Repeat([]byte("x"), len(content)), 0o600)
		}, rest + all},
		"a journal that lies": {func(_, journal string) error { return os.WriteFile(journal, record(0, uint64(all)), 0o600) }, all},
		"a journal of too much": {func(_, journal string) error {
			return change(journal, func(b []byte) []byte { return append(b, record(uint64(all), 1)...) })
		}, all},
		"a journal of garbage": {func(_, journal string) error { return os.WriteFile(journal, bytes.Repeat([]byte{0xff}, 160), 0o600) }, all},
		"a journal of zeros":   {func(_, journal string) error { return os.WriteFile(journal, make([]byte, 160), 0o600) }, all},
		"half a record at the end": {func(_, journal string) error {
			return change(journal, func(b []byte) []byte { return append(b, 1, 2, 3) })
		}, rest},
		"half a record less":            {func(_, journal string) error { return change(journal, func(b []byte) []byte { return b[:len(b)-8] }) }, rest + got},
		"an empty journal":              {func(_, journal string) error { return os.Truncate(journal, 0) }, all},
		"no journal":                    {func(_, journal string) error { return os.Remove(journal) }, all},
		"killed before its publication": {func(file, _ string) error { return os.Chmod(file, 0o444) }, rest},
		"a directory in its place":      {func(file, _ string) error { return errors.Join(os.Remove(file), os.Mkdir(file, 0o755)) }, all},
		"a directory for a journal":     {func(_, journal string) error { return errors.Join(os.Remove(journal), os.Mkdir(journal, 0o755)) }, all},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c, _ := open(t, dir)
			cutAfter(t, c, content, got)
			path := partialPath(c, content)
			if err := tt.damage(path, path+".spans"); err != nil {
				t.Fatal(err)
			}
			c, _ = open(t, dir)
			if fetched := resume(t, c, content); fetched != tt.fetched {
				t.Errorf("fetched %d bytes, want %d", fetched, tt.fetched)
			}
			if have, err := fetch(t, c, describe(content)); have != content || err != nil {
				t.Errorf("%d bytes, %v", len(have), err)
			}
			if report, err := c.Verify(t.Context(), nil); err != nil || report.Damaged != nil {
				t.Errorf("%+v %v", report, err)
			}
		})
	}
}

// A journal that goes on after half a record must not read its later records in the wrong place.
func TestAnUnfinishedBlobIsContinuedAgainAndAgain(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 20_000)
	dir := t.TempDir()
	for n := 1000; n <= 100_000; n += 9000 {
		c, _ := open(t, dir)
		cutAfter(t, c, content, n)
		f, err := os.OpenFile(partialPath(c, content)+".spans", os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte{1, 2, 3})
		f.Close()
	}
	c, _ := open(t, dir)
	if fetched, want := resume(t, c, content), int64(len(content)-2*100_000); fetched != want {
		t.Errorf("fetched %d bytes, want %d", fetched, want)
	}
}

// Who follows a transfer is done when the last byte is there, also if it came long after those before.
func TestFollowingEndsWithTheLastByte(t *testing.T) {
	c, _ := open(t, t.TempDir())
	content := strings.Repeat("0123456789abcdef", 20_000)
	synctest.Test(t, func(t *testing.T) {
		_, err := c.Store(t.Context(), describe(content), func(ctx context.Context, p *cache.Partial) error {
			done := make(chan error, 1)
			go func() { done <- p.Follow(ctx) }()
			for at := 0; at < len(content); at += 100_000 {
				synctest.Wait() // it has nothing to do
				if _, err := p.WriteAt([]byte(content[at:min(len(content), at+100_000)]), int64(at)); err != nil {
					return err
				}
			}
			return <-done // a deadlock ends the test
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestWhatACutTransferHasLeftIsTold(t *testing.T) {
	c, _ := open(t, t.TempDir())
	content := strings.Repeat("content ", 20_000)
	_, err := c.Store(t.Context(), describe(content), func(_ context.Context, p *cache.Partial) error {
		if _, err := p.WriteAt([]byte(content[1000:3000]), 1000); err != nil {
			return err
		}
		return errCut
	})
	if !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	u, err := c.Usage(t.Context())
	if err != nil || u.Unfinished != 2000 || u.Bytes != 0 {
		t.Errorf("%+v, %v", u, err)
	}
	if gaps := c.Unfinished(describe(content)).Gaps(cache.Span{Start: 500, End: 4000}); !slices.Equal(gaps, []cache.Span{{Start: 500, End: 1000}, {Start: 3000, End: 4000}}) {
		t.Errorf("gaps %v", gaps)
	}
}
