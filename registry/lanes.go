package registry

import (
	"context"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/internal/parallel"
)

// A blob of at most smallBlob bytes costs a round trip and next to no bandwidth, so smallLanes times as many of them
// as of others are under way at once.
const (
	smallBlob  = 64 << 10
	smallLanes = 8
)

// each calls fn for all blobs, several at once.
func (c *Client) each(ctx context.Context, blobs []ocispec.Descriptor, fn func(context.Context, ocispec.Descriptor) error) error {
	return c.eachOf(ctx, len(blobs), func(i int) int64 { return blobs[i].Size }, func(ctx context.Context, i int) error {
		return fn(ctx, blobs[i])
	})
}

// eachOf calls fn for 0 to n-1, several at once, as many as their sizes allow.
func (c *Client) eachOf(ctx context.Context, n int, size func(int) int64, fn func(context.Context, int) error) error {
	var small, large []int
	for i := range n {
		if size(i) <= smallBlob {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	g, ctx := parallel.NewGroup(ctx)
	for _, lane := range []struct {
		items []int
		width int
	}{{large, c.opts.Concurrency}, {small, smallLanes * c.opts.Concurrency}} {
		if len(lane.items) == 0 {
			continue
		}
		g.Go(func() error {
			return parallel.ForEach(ctx, lane.width, len(lane.items), func(ctx context.Context, i int) error {
				return fn(ctx, lane.items[i])
			})
		})
	}
	return g.Wait()
}

// distinct returns the descriptors without repetitions of a digest.
func distinct(descs []ocispec.Descriptor) []ocispec.Descriptor {
	seen := map[string]bool{}
	var out []ocispec.Descriptor
	for _, d := range descs {
		if !seen[string(d.Digest)] {
			seen[string(d.Digest)] = true
			out = append(out, d)
		}
	}
	return out
}

// inOrder calls fn for one blob after another.
func inOrder(ctx context.Context, blobs []ocispec.Descriptor, fn func(context.Context, ocispec.Descriptor) error) error {
	for _, d := range blobs {
		if err := fn(ctx, d); err != nil {
			return err
		}
	}
	return nil
}
