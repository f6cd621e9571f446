package wire

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"
)

func TestObservedHeadersAreReadAndWrittenByteForByte(t *testing.T) {
	for name, v := range messageVectors(t) {
		if v.header == nil {
			continue
		}
		for _, r := range []io.Reader{bytes.NewReader(v.whole), iotest.OneByteReader(bytes.NewReader(v.whole))} {
			read, written := ReadReply, AppendReply(nil, v.header.ID, v.header.Statement, v.header.Status(), false, v.body)
			if v.request {
				read, written = ReadRequest, AppendRequest(nil, v.header.ID, v.header.Statement, v.header.Code, v.body)
			}
			if h, err := ReadHeader(bytes.NewReader(v.whole)); h != *v.header || err != nil {
				t.Errorf("%s: %+v, %v", name, h, err)
			}
			h, body, err := read(r, 0, nil)
			if err != nil || h != *v.header || int(h.Length) != len(v.body) {
				t.Errorf("%s: %+v, %v", name, h, err)
			}
			same(t, name+" body", body, v.body)
			same(t, name+" written", written, v.whole)
		}
	}
}

func TestFragmentsAreJoinedWhereverTheyAreCut(t *testing.T) {
	body := must[[]byte](t)(AppendText(AppendInt(nil, 1), "тест", Unicode))
	for first := range len(body) + 1 {
		for second := first; second <= len(body); second++ {
			wire := AppendReply(nil, 9, 4, 0, true, body[:first])
			wire = AppendReply(wire, 9, 4, 1, true, body[first:second])
			wire = AppendReply(wire, 9, 4, 100, false, body[second:])
			h, got, err := ReadReply(bytes.NewReader(wire), 0, nil)
			if err != nil || h.Status() != 100 || h.ID != 9 || h.Statement != 4 || h.More || int(h.Length) != len(body) {
				t.Fatalf("%d, %d: %+v, %v", first, second, h, err)
			}
			same(t, "body", got, body)
		}
	}
}

func TestFragmentsOfOtherMessagesAreRefused(t *testing.T) {
	for _, other := range [][2]uint32{{8, 4}, {9, 5}} {
		wire := AppendReply(nil, 9, 4, 0, true, []byte("a"))
		wire = AppendReply(wire, other[0], other[1], 0, false, []byte("b"))
		_, _, err := ReadReply(bytes.NewReader(wire), 0, nil)
		var frame *FrameError
		if !errors.As(err, &frame) || frame.Header.ID != other[0] {
			t.Error(err)
		}
	}
}

func TestARequestInFragmentsIsRefused(t *testing.T) {
	wire := AppendReply(nil, 1, 1, 0, true, nil)
	_, _, err := ReadRequest(bytes.NewReader(wire), 0, nil)
	if err == nil || err.Error() != "message 1 of statement 1: a request in fragments" {
		t.Error(err)
	}
}

func TestTheEndOfTheStreamIsCleanOnlyBetweenMessages(t *testing.T) {
	wire := AppendReply(AppendReply(nil, 1, 1, 0, true, []byte("abc")), 1, 1, 0, false, []byte("de"))
	for n := range len(wire) {
		want := io.ErrUnexpectedEOF
		if n == 0 {
			want = io.EOF
		}
		if _, _, err := ReadReply(bytes.NewReader(wire[:n]), 0, nil); err != want {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

func TestBodiesAboveTheLimitAreRefusedUnread(t *testing.T) {
	wire := AppendReply(nil, 3, 0, 0, false, make([]byte, 101))
	r := bytes.NewReader(wire)
	_, _, err := ReadReply(r, 100, nil)
	var size *SizeError
	if !errors.As(err, &size) || err.Error() != "message 3 has 101 bytes, limit 100" || r.Len() != 101 {
		t.Error(err, r.Len())
	}
	if _, body, err := ReadReply(bytes.NewReader(wire), 101, nil); len(body) != 101 || err != nil {
		t.Error(err)
	}
	// Fragments count together.
	wire = AppendReply(AppendReply(nil, 3, 0, 0, true, make([]byte, 60)), 3, 0, 0, false, make([]byte, 60))
	if _, _, err := ReadReply(bytes.NewReader(wire), 100, nil); !errors.As(err, &size) {
		t.Error(err)
	}
}

// endless repeats one empty fragment for ever.
type endless struct{ fragment []byte }

func (e endless) Read(p []byte) (int, error) { return copy(p, e.fragment), nil }

func TestAReplyOfEndlessEmptyFragmentsIsRefused(t *testing.T) {
	_, _, err := ReadReply(endless{AppendReply(nil, 1, 1, 0, true, nil)}, 1<<16, nil)
	var size *SizeError
	if !errors.As(err, &size) {
		t.Error(err)
	}
}

func TestBodiesAreReadIntoTheBufferThatIsThere(t *testing.T) {
	wire := AppendReply(nil, 1, 1, 0, false, []byte("abc"))
	buf := make([]byte, 0, 16)
	_, body, err := ReadReply(bytes.NewReader(wire), 0, buf)
	if err != nil || &body[0] != &buf[:1][0] {
		t.Error("another buffer:", err)
	}
	large := bytes.Repeat([]byte("0123456789"), 100_000)
	_, body, err = ReadReply(iotest.HalfReader(bytes.NewReader(AppendReply(nil, 1, 1, 0, false, large))), 0, buf)
	if err != nil || !slices.Equal(body, large) {
		t.Error("a body above the buffer:", err)
	}
}

func TestRequestsWithoutAReply(t *testing.T) {
	silent := []Code{AF, AN, RC, RU, CC, CS, CU, RN, DC}
	for _, c := range []Code{HS, CN, DC, PP, DQ, DU, PQ, PU, FD, CC, CU, OE, GG, TC, TR, AF, AN, RC, RU, CS, RN, JS, SB, SM} {
		if NoReply(c) != slices.Contains(silent, c) {
			t.Error(c)
		}
	}
}
