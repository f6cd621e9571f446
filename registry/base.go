package registry

import (
	"context"
	"io"
	"runtime"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/bundle/blockmap"
	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/registry/cache"
)

// Base is data on this machine that a blob may share blocks with: an older version of the same file. It need not be
// verified, since what is made of it is.
type Base struct {
	Data interface {
		io.ReaderAt
		io.Closer
	}
	Size int64
	Map  ocispec.Descriptor // its block map in the same repository; zero if it is not known
}

// FindBase returns the block map of a blob, in the blob's repository, and an older version of it; nil if there is
// none. It is asked for large blobs that are about to be fetched.
type FindBase func(ctx context.Context, desc ocispec.Descriptor) (blockMap ocispec.Descriptor, base *Base)

// worthwhile is the least part of a blob, one in so many bytes, that a base must have to be of use.
const worthwhile = 16

// overlap is what a blob and its base have in common.
type overlap struct {
	base    *Base
	parts   []blockmap.Part
	missing []cache.Span
	shared  int64
}

func (o *overlap) close() { o.base.Data.Close() }

// gaps tells what is missing of a blob.
type gaps interface {
	Gaps(cache.Span) []cache.Span
}

// base finds out what an older version has of what is missing of the blob. Whatever goes wrong on the way, the answer is
// that there is none.
func (d *download) base(ctx context.Context, to gaps) *overlap {
	if d.find == nil || d.desc.Size < blockmap.MinFile {
		return nil
	}
	blockMap, base := d.find(ctx, d.desc)
	if base == nil {
		return nil
	}
	o := &overlap{base: base}
	var want, have *blockmap.Map
	g, both := parallel.NewGroup(ctx)
	g.Go(func() (err error) { want, err = d.readMap(both, blockMap, d.desc.Size); return err })
	g.Go(func() (err error) { have, err = d.mapOf(both, base); return err })
	if g.Wait() == nil {
		o.plan(to, blockmap.Compare(want, have))
	}
	if o.shared < d.desc.Size/worthwhile {
		o.close()
		return nil
	}
	return o
}

// plan sorts the parts of the blob into what is copied and what is fetched.
func (o *overlap) plan(to gaps, parts []blockmap.Part) {
	for _, p := range parts {
		for _, gap := range to.Gaps(cache.Span{Start: p.At, End: p.At + p.Len}) {
			if p.From == blockmap.Missing {
				o.missing = append(o.missing, gap)
				continue
			}
			part := blockmap.Part{At: gap.Start, Len: gap.Len(), From: p.From}
			if p.From >= 0 {
				part.From += gap.Start - p.At
			}
			o.parts = append(o.parts, part)
			o.shared += part.Len
		}
	}
}

// mapOf is the block map of a base: the registry's, else our own.
func (d *download) mapOf(ctx context.Context, b *Base) (*blockmap.Map, error) {
	if b.Map.Digest != "" {
		if m, err := d.readMap(ctx, b.Map, b.Size); err == nil {
			return m, nil
		}
	}
	return blockmap.Of(ctx, b.Data, b.Size, runtime.GOMAXPROCS(0))
}

// readMap reads a block map through the cache.
func (d *download) readMap(ctx context.Context, desc ocispec.Descriptor, file int64) (*blockmap.Map, error) {
	if desc.Size != blockmap.Size(file) {
		return nil, blockmap.ErrMalformed
	}
	moved, err := d.client.fetchBlob(ctx, d.ref, desc, nil)
	d.moved.Add(moved)
	if err != nil {
		return nil, err
	}
	f, err := d.client.opts.Cache.Fetch(ctx, desc)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, desc.Size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, err
	}
	return blockmap.Parse(data, file)
}

// copy puts the parts that the base has in their place. It stops at the first trouble.
func (o *overlap) copy(ctx context.Context, d *download) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	for _, p := range o.parts {
		if p.From == blockmap.Zeros {
			if d.to.Hole(cache.Span{Start: p.At, End: p.At + p.Len}) != nil {
				return
			}
			continue
		}
		for p.Len > 0 && ctx.Err() == nil {
			data := (*buf)[:min(p.Len, bufferSize)]
			if n, _ := o.base.Data.ReadAt(data, p.From); n < len(data) {
				return
			}
			if _, err := d.to.WriteAt(data, p.At); err != nil {
				return
			}
			n := int64(len(data))
			p.At, p.From, p.Len = p.At+n, p.From+n, p.Len-n
			d.client.opts.Notify(d.event(Progress))
		}
	}
}
