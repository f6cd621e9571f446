package registry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/bundle/blockmap"
	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
)

const page = 8 << 10

// mapOf is the block map of content.
func mapOf(content string) string {
	m := blockmap.NewBuilder(page)
	io.WriteString(m, content)
	return string(m.Bytes())
}

// baseOf is an older version in a file.
func baseOf(t *testing.T, content string) *registry.Base {
	t.Helper()
	path := filepath.Join(t.TempDir(), "older")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return &registry.Base{Data: f, Size: int64(len(content))}
}

// shrinking is a base that another program truncates after its map was made.
type shrinking struct {
	*os.File
	size, to int64
	seen     atomic.Int64
}

func (s *shrinking) ReadAt(p []byte, at int64) (int, error) {
	if s.seen.Add(int64(len(p))) > s.size && at >= s.to {
		return 0, io.EOF
	}
	return s.File.ReadAt(p, at)
}

// changing is a base that another program writes to after its map was made.
type changing struct {
	*os.File
	size int64
	seen atomic.Int64
}

func (c *changing) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.File.ReadAt(p, at)
	if c.seen.Add(int64(n)) > c.size && n > 0 {
		p[0]++
	}
	return n, err
}

// Whatever is wrong with an older version or with what a map says of it, the right bytes come, and at worst all of them
// once more.
func TestAnOlderVersionNeverCostsTheRightBytes(t *testing.T) {
	old := random(t, 20*mib)
	fresh := old[:5*mib] + "changed" + old[5*mib+7:19*mib] + "and here, and the end"
	lie := []byte(mapOf(fresh)) // says that the file begins like the old one's second half
	copy(lie[blockmap.HeaderSize:], mapOf(old)[blockmap.HeaderSize+1000*blockmap.EntrySize:][:500*blockmap.EntrySize])
	zeros := []byte(mapOf(fresh))
	clear(zeros[blockmap.HeaderSize:][:100*blockmap.EntrySize])
	garbage := bytes.Repeat([]byte("x"), len(lie))
	size := float64(len(fresh))
	for name, tt := range map[string]struct {
		blockMap string
		base     func(*registry.Base)
		script   func(blockMap string) faultproxy.Script
		most     float64
	}{
		"all well":                     {mapOf(fresh), nil, nil, 0.01},
		"a map that lies":              {string(lie), nil, nil, 1.2},
		"a map that says zeros":        {string(zeros), nil, nil, 1.2},
		"a map of garbage":             {string(garbage), nil, nil, 1.01},
		"a map of another file":        {mapOf(fresh + "x")[:len(lie)], nil, nil, 1.01},
		"no map in the registry":       {mapOf(fresh), nil, func(m string) faultproxy.Script { return always(m, faultproxy.Answer(404, "")) }, 1},
		"a map that changes":           {mapOf(fresh), nil, func(m string) faultproxy.Script { return always(m, faultproxy.Flip(100)) }, 1.01},
		"a base that gets shorter":     {mapOf(fresh), func(b *registry.Base) { b.Data = &shrinking{File: b.Data.(*os.File), size: b.Size, to: 10 * mib} }, nil, 0.6},
		"a base shorter than it seems": {mapOf(fresh), func(b *registry.Base) { b.Size += mib }, nil, 1.01},
		"a base that changes":          {mapOf(fresh), func(b *registry.Base) { b.Data = &changing{File: b.Data.(*os.File), size: b.Size} }, nil, 1.02},
		"a base that cannot be read":   {mapOf(fresh), func(b *registry.Base) { b.Data.Close() }, nil, 1.01},
		"a map of the base that lies": {mapOf(fresh), func(b *registry.Base) {
			b.Map = ocispec.Descriptor{MediaType: "x", Digest: digest.FromBytes(lie), Size: int64(len(lie))}
		}, nil, 1.2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t, fresh, tt.blockMap, string(lie))
			s := startServer(t, ownRegistry(t), faultproxy.Options{})
			ref := s.ref(t, "x:1")
			b.push(t, ref)
			base := baseOf(t, old)
			if tt.base != nil {
				tt.base(base)
			}
			s.Play(nil)
			if tt.script != nil {
				s.Play(tt.script("/v2/x/blobs/" + b.desc[2].Digest.String()))
			}
			c, _ := newClient(t, registry.Options{})
			find := func(context.Context, ocispec.Descriptor) (ocispec.Descriptor, *registry.Base) { return b.desc[2], base }
			if _, err := c.Resolve(t.Context(), ref); err != nil {
				t.Fatal(err)
			}
			report, err := c.FetchAll(t.Context(), ref, b.desc[1:2], find)
			if err != nil {
				t.Fatal(err)
			}
			if ratio := float64(s.Sent("/blobs/")) / size; ratio > tt.most {
				t.Errorf("%.4f of the blob was sent, %+v", ratio, report)
			}
			s.Play(nil)
			holds(t, c.Through(ref), b)
			if _, err := base.Data.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
				t.Errorf("the base is open still: %v", err)
			}
		})
	}
}

// What an interrupted transfer took from an older version is not fetched by the next one, which has none.
func TestADifferenceThatIsCutIsContinued(t *testing.T) {
	old := random(t, 20*mib)
	fresh := old[:10*mib] + string(faultproxy.NewRand(t, "3").Bytes(4*mib)) + old[14*mib:]
	b := newBundle(t, fresh, mapOf(fresh))
	s := startServer(t, ownRegistry(t), faultproxy.Options{WriteBuffer: 64 << 10})
	ref, blob := s.ref(t, "x:1"), "/v2/x/blobs/"+b.desc[1].Digest.String()
	b.push(t, ref)
	c, _ := cachedClient(t, registry.Options{Retry: registry.Retry{Attempts: 1}})
	s.Play(always(blob, faultproxy.CutAfter(2*mib)))
	find := func(context.Context, ocispec.Descriptor) (ocispec.Descriptor, *registry.Base) {
		return b.desc[2], baseOf(t, old)
	}
	if _, err := c.FetchAll(t.Context(), ref, b.desc[1:2], find); !errors.Is(err, registry.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	s.Play(nil)
	if _, err := c.FetchAll(t.Context(), ref, b.desc[1:2], nil); err != nil {
		t.Fatal(err)
	}
	// How much was copied when the cut ended the first one is chance; what was fetched is not fetched again.
	if n := s.Count(blob); n.Bytes > int64(len(fresh))-2*mib {
		t.Errorf("%+v", n)
	}
	holds(t, c.Through(ref), b)
}

// Pages of zeros of a new version take no room on the disk.
func TestZerosBecomeHoles(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("counts blocks")
	}
	old := random(t, 8*mib)
	fresh := old[:4*mib] + string(make([]byte, 16*mib)) + old[4*mib:]
	b := newBundle(t, fresh, mapOf(fresh))
	s := startServer(t, ownRegistry(t), faultproxy.Options{})
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	s.Play(nil)
	c, store := cachedClient(t, registry.Options{})
	find := func(context.Context, ocispec.Descriptor) (ocispec.Descriptor, *registry.Base) {
		return b.desc[2], baseOf(t, old)
	}
	if _, err := c.FetchAll(t.Context(), ref, b.desc[1:2], find); err != nil {
		t.Fatal(err)
	}
	if n := s.Sent(b.desc[1].Digest.Encoded()); n != 0 {
		t.Errorf("%d bytes were sent", n)
	}
	path := filepath.Join(store.Dir(), "blobs", "sha256", b.desc[1].Digest.Encoded())
	if used := diskUsage(t, path); used > 9*mib {
		t.Errorf("%d bytes are used for 8 MiB that are not zeros", used)
	}
	holds(t, c.Through(ref), b)
}
