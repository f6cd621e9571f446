package dat

import (
	"encoding/binary"
	"math"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/delta"
)

// A row group that is this large, which takes a row that is, and that zstd shrinks further than this is stored
// uncompressed. So a reader can refuse what only a decompression bomb would claim, and no honest file is refused.
const (
	maxRatio   = 512
	largeGroup = 64 << 20
)

func bomb(raw, stored int64) bool { return raw > largeGroup && raw/maxRatio > stored }

// The frozen compression settings. EncodeAll and DecodeAll may be called from several goroutines.
var (
	encoder = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil,
			zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithWindowSize(4<<20), zstd.WithEncoderCRC(false),
			zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)))
		if err != nil {
			panic(err) // the options are constants
		}
		return e
	})
	decoder = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil,
			zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)))
		if err != nil {
			panic(err)
		}
		return d
	})
	packed delta.BinaryPackedEncoding
	joined delta.LengthByteArrayEncoding
)

// encodeLevels writes which of n values are there, as Parquet's RLE and bit-packing hybrid of width 1.
func encodeLevels(dst []byte, null []bool, n int) []byte {
	if null == nil {
		return append(binary.AppendUvarint(dst, uint64(n)<<1), 1)
	}
	groups := (n + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	at := len(dst)
	dst = append(dst, make([]byte, groups)...)
	for i, isNull := range null {
		if !isNull {
			dst[at+i/8] |= 1 << (i % 8)
		}
	}
	return dst
}

// decodeLevels is the reverse. It returns nil if nothing is NULL.
func decodeLevels(src []byte, n int) ([]bool, error) {
	var null []bool
	for done := 0; done < n; {
		head, size := binary.Uvarint(src)
		if size <= 0 || head>>1 == 0 {
			return nil, corrupt("levels that end after %d of %d", done, n)
		}
		src = src[size:]
		run := n - done
		if head&1 == 1 { // bit-packed, eight to a group
			if groups := head >> 1; groups < uint64(run+7)/8 {
				run = int(groups) * 8
			}
			if len(src) < (run+7)/8 {
				return nil, corrupt("levels that end after %d of %d", done, n)
			}
			for i := range run {
				if src[i/8]>>(i%8)&1 == 0 {
					null = setNull(null, n, done+i)
				}
			}
			src = src[(run+7)/8:]
		} else {
			if len(src) < 1 || src[0] > 1 {
				return nil, corrupt("a level that is neither 0 nor 1")
			}
			if head>>1 < uint64(run) {
				run = int(head >> 1)
			}
			for i := 0; src[0] == 0 && i < run; i++ {
				null = setNull(null, n, done+i)
			}
			src = src[1:]
		}
		done += run
	}
	return null, nil
}

func setNull(null []bool, n, i int) []bool {
	if null == nil {
		null = make([]bool, n)
	}
	null[i] = true
	return null
}

// encodeValues writes the values that are not NULL.
func (l *layout) encodeValues(dst []byte, v *Vector) ([]byte, error) {
	switch l.physical {
	case physBoolean:
		return encodeBits(dst, present(v.Int, v.Null)), nil
	case physInt32:
		return packed.EncodeInt32(dst, convert[int32](present(v.Int, v.Null)))
	case physInt64:
		return packed.EncodeInt64(dst, present(v.Int, v.Null))
	case physDouble:
		for _, x := range present(v.Float, v.Null) {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
		}
		return dst, nil
	case physFixed:
		for i := range v.Ends {
			if !v.IsNull(i) {
				dst = append(dst, v.Bytes(i)...)
			}
		}
		return dst, nil
	}
	offsets := make([]uint32, 1, len(v.Ends)+1)
	data := v.Data
	if v.Null != nil {
		data = nil
	}
	for i, end := range v.Ends {
		switch {
		case v.Null == nil:
			offsets = append(offsets, uint32(end))
		case !v.Null[i]:
			data = append(data, v.Bytes(i)...)
			offsets = append(offsets, uint32(len(data)))
		}
	}
	return joined.EncodeByteArray(dst, data, offsets)
}

// present returns the values that are not NULL.
func present[T any](values []T, null []bool) []T {
	if null == nil {
		return values
	}
	kept := make([]T, 0, len(values))
	for i, x := range values {
		if !null[i] {
			kept = append(kept, x)
		}
	}
	return kept
}

func convert[To, From int32 | int64](in []From) []To {
	out := make([]To, len(in))
	for i, x := range in {
		out[i] = To(x)
	}
	return out
}

func encodeBits(dst []byte, values []int64) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, (len(values)+7)/8)...)
	for i, x := range values {
		dst[at+i/8] |= byte(x&1) << (i % 8)
	}
	return dst
}

// decodeValues reads n values into v, then makes room for the NULLs between them.
func (l *layout) decodeValues(v *Vector, src []byte, n int, null []bool) error {
	short := func(need int) error {
		if len(src) != need {
			return corrupt("%d values in %d bytes", n, len(src))
		}
		return nil
	}
	var err error
	switch l.physical {
	case physBoolean:
		if err := short((n + 7) / 8); err != nil {
			return err
		}
		for i := range n {
			v.Int = append(v.Int, int64(src[i/8]>>(i%8)&1))
		}
	case physInt32:
		var narrow []int32
		if err = deltaCount(src, n); err == nil {
			narrow, err = packed.DecodeInt32(make([]int32, 0, n), src)
		}
		v.Int = append(v.Int[:0], convert[int64](narrow)...)
	case physInt64:
		if err = deltaCount(src, n); err == nil {
			v.Int, err = packed.DecodeInt64(v.Int[:0], src)
		}
	case physDouble:
		if err := short(8 * n); err != nil {
			return err
		}
		for i := range n {
			v.Float = append(v.Float, math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:])))
		}
	case physFixed:
		if err := short(l.width * n); err != nil {
			return err
		}
		v.Data = append(v.Data, src...)
		for i := range n {
			v.Ends = append(v.Ends, (i+1)*l.width)
		}
	default:
		err = decodeJoined(v, src, n)
	}
	if err == nil && v.Len() != n {
		err = corrupt("%d values where %d are announced", v.Len(), n)
	}
	if err != nil || null == nil {
		return err
	}
	v.Null = null
	v.spread()
	return nil
}

func decodeJoined(v *Vector, src []byte, n int) error {
	if err := deltaCount(src, n); err != nil {
		return err
	}
	data, offsets, err := joined.DecodeByteArray(v.Data[:0], src, make([]uint32, 0, n+1))
	if err != nil {
		return corrupt("lengths: %v", err)
	}
	v.Data = data
	for _, end := range offsets[min(1, len(offsets)):] {
		v.Ends = append(v.Ends, int(end))
	}
	return nil
}

// deltaCount checks the head of a DELTA_BINARY_PACKED block before anything is allocated by it.
func deltaCount(src []byte, n int) error {
	const block, miniBlocks = 128, 4
	for _, want := range []uint64{block, miniBlocks, uint64(n)} {
		got, size := binary.Uvarint(src)
		if size <= 0 || got != want {
			return corrupt("a delta block of %d where %d belongs", got, want)
		}
		src = src[size:]
	}
	return nil
}

// spread moves the values apart so that each NULL has an entry.
func (v *Vector) spread() {
	switch v.Kind {
	case Int:
		v.Int = spread(v.Int, v.Null)
	case Float:
		v.Float = spread(v.Float, v.Null)
	default:
		ends := make([]int, len(v.Null))
		last, k := 0, 0
		for i, null := range v.Null {
			if !null {
				last = v.Ends[k]
				k++
			}
			ends[i] = last
		}
		v.Ends = ends
	}
}

func spread[T any](values []T, null []bool) []T {
	out := make([]T, len(null))
	k := 0
	for i := range out {
		if !null[i] {
			out[i] = values[k]
			k++
		}
	}
	return out
}
