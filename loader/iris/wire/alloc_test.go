package wire

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"runtime"
	"testing"
)

// allocated gives the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

const fewBytes = 1 << 20

func TestAHeaderThatAnnouncesGigabytesAllocatesLittle(t *testing.T) {
	head := Header{Length: 0xFFFFFFFF, ID: 1}.Append(nil)
	for _, limit := range []int{0, math.MaxInt} {
		n := allocated(func() {
			if _, _, err := ReadReply(bytes.NewReader(append(head, "abc"...)), limit, nil); err == nil {
				t.Error("read")
			}
		})
		if n > fewBytes {
			t.Errorf("limit %d: %d bytes allocated", limit, n)
		}
	}
}

func TestCountsThatCannotBeAllocateNothing(t *testing.T) {
	huge := AppendInt(nil, 1<<40)
	sql := AppendInt(must[[]byte](t)(AppendText(AppendInt(nil, 1), "x", Unicode)), 0)
	sets := AppendInt(AppendInt(bytes.Clone(sql), -1), 0)
	for name, f := range map[string]func() error{
		"columns": func() error { _, err := ParseMetadata(huge, Unicode, 0); return err },
		"parameters": func() error {
			_, err := ParseMetadata(AppendInt(AppendInt(AppendInt(nil, 0), 1<<40), 0), Unicode, 0)
			return err
		},
		"keys":   func() error { _, err := ParseGeneratedKeys(huge, Unicode); return err },
		"update": func() error { _, err := ParseUpdateReply(huge, Unicode, 0, math.MaxInt); return err },
		"counts": func() error { _, err := ParseCounts(huge, math.MaxInt); return err },
		"chunks": func() error { _, err := ParsePrepare(huge, Unicode); return err },
		"kinds": func() error {
			_, err := ParsePrepare(append(bytes.Clone(sql[:len(sql)-2]), huge...), Unicode)
			return err
		},
		"sets":         func() error { _, err := ParseUpdate(AppendInt(append(sets, huge...), 1), Unicode); return err },
		"values":       func() error { _, err := ParseExecute(append(AppendInt(nil, 1), huge...), Unicode); return err },
		"sets of none": func() error { _, err := ParseExecute(AppendInt(bytes.Clone(huge), 0), Unicode); return err },
	} {
		n := allocated(func() {
			if err := f(); err == nil {
				t.Errorf("%s: accepted", name)
			}
		})
		if n > fewBytes {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
	}
}

func TestABatchIsEncodedWithoutAnAllocationForAValue(t *testing.T) {
	v := NewValues(5, Unicode)
	var dst []byte
	blob := bytes.Repeat([]byte{1, 2, 3}, 50)
	batch := func() {
		v.Reset()
		for i := range int64(1000) {
			v.Int(i)
			v.Number(Number{Mantissa: 12345, Exponent: -2})
			v.Double(1.5)
			if v.SQLText("тест") != nil || v.SQLBytes(blob) != nil {
				t.Fatal("refused")
			}
		}
		var err error
		if dst, err = (PreparedUpdate{Values: v}).Append(dst[:0], Unicode); err != nil {
			t.Fatal(err)
		}
	}
	batch()
	if n := testing.AllocsPerRun(10, batch); n > 1 {
		t.Errorf("%v allocations for 1000 rows", n)
	}
}

func TestRowsAreDecodedWithoutAnAllocationForAnItem(t *testing.T) {
	var body []byte
	for i := range int64(1000) {
		body = AppendDouble(AppendBytes(AppendInt(body, i), []byte("name")), 2.5)
	}
	row, text := make([]Item, 3), make([]byte, 0, 64)
	n := testing.AllocsPerRun(10, func() {
		r := Reader{body: body}
		for {
			if err := r.Row(row); err == io.EOF {
				return
			}
			_, err1 := row[0].Int()
			b, err2 := row[1].AppendSQLText(text, Unicode)
			_, err3 := row[2].Float()
			if err1 != nil || err2 != nil || err3 != nil || string(b) != "name" {
				t.Fatal(err1, err2, err3)
			}
		}
	})
	if n > 0 {
		t.Errorf("%v allocations for 1000 rows", n)
	}
}

func BenchmarkBatch(b *testing.B) {
	v := NewValues(3, Unicode)
	var dst []byte
	for b.Loop() {
		v.Reset()
		for i := range int64(1000) {
			v.Int(i)
			v.Number(Number{Mantissa: 12345, Exponent: -2})
			if err := v.SQLText("a name of usual length"); err != nil {
				b.Fatal(err)
			}
		}
		dst, _ = PreparedUpdate{Values: v}.Append(dst[:0], Unicode)
	}
	b.SetBytes(int64(len(dst)))
}

func BenchmarkRows(b *testing.B) {
	var body []byte
	for i := range int64(1000) {
		body = binary.LittleEndian.AppendUint64(append(AppendBytes(AppendInt(body, i), []byte("a name of usual length")), 10, 8), 0)
	}
	b.SetBytes(int64(len(body)))
	row, text := make([]Item, 3), []byte(nil)
	for b.Loop() {
		r := NewReader(body)
		for r.Row(row) == nil {
			text, _ = row[1].AppendSQLText(text[:0], Unicode)
		}
	}
}
