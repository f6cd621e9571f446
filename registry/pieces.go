package registry

import "github.com/irisfix/irisfix/registry/cache"

const (
	// pieceSize is how much of a blob is asked for at once. Blobs above it come over several connections, and a signed
	// address that a registry redirects to is a new one for each piece.
	pieceSize = 16 << 20

	// mergeGap is how far two spans may be apart to be asked for together: bytes that travel in vain, but cost less than
	// one more request.
	mergeGap = 64 << 10

	// manyPieces is how many requests for one blob are too many. Then spans further apart are asked for together.
	manyPieces = 4096
)

// merge unites spans that are close to each other.
func merge(spans []cache.Span) []cache.Span {
	for gap := int64(mergeGap); ; gap *= 2 {
		var merged []cache.Span
		for _, s := range spans {
			if k := len(merged) - 1; k >= 0 && s.Start-merged[k].End <= gap {
				merged[k].End = s.End
			} else {
				merged = append(merged, s)
			}
		}
		if len(merged) <= manyPieces {
			return merged
		}
	}
}

// cut makes of spans the pieces that are asked for.
func cut(spans []cache.Span) []cache.Span {
	var pieces []cache.Span
	for _, s := range merge(spans) {
		for ; s.Len() > pieceSize; s.Start += pieceSize {
			pieces = append(pieces, cache.Span{Start: s.Start, End: s.Start + pieceSize})
		}
		pieces = append(pieces, s)
	}
	return pieces
}
