package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// replay is a socket whose server answers the n-th request with the n-th of its replies, whatever was asked, and then
// hangs up when the client waits for more. Nothing in it waits.
type replay struct {
	net.Conn
	replies [][]byte
	have    []byte
	closed  bool
}

func (r *replay) Write(p []byte) (int, error) {
	if r.closed {
		return 0, net.ErrClosed
	}
	if len(r.replies) > 0 {
		r.have, r.replies = append(r.have, r.replies[0]...), r.replies[1:]
	}
	return len(p), nil
}

func (r *replay) Read(p []byte) (int, error) {
	if r.closed {
		return 0, net.ErrClosed
	}
	if len(r.have) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.have)
	r.have = r.have[n:]
	return n, nil
}

func (r *replay) Close() error                { r.closed = true; return nil }
func (r *replay) LocalAddr() net.Addr         { return &net.TCPAddr{} }
func (r *replay) RemoteAddr() net.Addr        { return &net.TCPAddr{} }
func (r *replay) SetDeadline(time.Time) error { return nil }

// converse runs the conversation, from the login on, over these replies.
func converse(replies [][]byte) error {
	socket := &replay{replies: replies}
	c, err := client.Connect(context.Background(), client.Config{
		Dial: func(context.Context, string, string) (net.Conn, error) { return socket, nil }, Limit: 1 << 20})
	if err == nil {
		defer c.Close()
		err = conversation.run(context.Background(), c)
	}
	if err == nil && c.Lost() != nil || errors.Is(err, client.ErrLost) && !socket.closed {
		return fmt.Errorf("the connection is %v after %w", c.Lost(), err)
	}
	return err
}

// replies are those of the conversation, including the login.
func replies() [][]byte {
	all := [][]byte{hello.reply, welcome.reply}
	for _, s := range conversation.steps {
		all = append(all, s.reply)
	}
	return all
}

// with is the replies with one exchanged.
func with(i int, reply []byte) [][]byte {
	all := replies()
	all[i] = reply
	return all
}

func TestAReplyThatIsCutAnywhereIsALostConnection(t *testing.T) {
	if err := converse(replies()); err != nil {
		t.Fatal(err)
	}
	for i, reply := range replies() {
		for n := range reply {
			all := with(i, reply[:n])
			if err := converse(all[:i+1]); !errors.Is(err, client.ErrLost) || errors.Is(err, io.EOF) {
				t.Errorf("reply %d after %d bytes: %v", i, n, err)
			}
		}
	}
}

// known reports whether an error is of a kind that the package promises.
func known(err error) bool {
	var refused *client.SQLError
	var login *client.LoginError
	var size *client.StreamSizeError
	return err == nil || errors.Is(err, client.ErrLost) || errors.As(err, &refused) || errors.As(err, &login) ||
		errors.Is(err, client.ErrNoStream) || errors.As(err, &size)
}

// A bit that changes a value cannot be noticed; every other is an error of a known kind, and none a panic or a wait. In
// the header none goes unnoticed but the bits of a status that make it another success.
func TestAReplyWithAFlippedBitIsTheSameOrAnError(t *testing.T) {
	for i, reply := range replies() {
		for bit := range 8 * len(reply) {
			flipped := bytes.Clone(reply)
			flipped[bit/8] ^= 1 << (bit % 8)
			err := converse(with(i, flipped))
			if !known(err) {
				t.Errorf("reply %d, bit %d: %v", i, bit, err)
			}
			if at := bit / 8; err == nil && at >= 4 && at < 8 {
				t.Errorf("reply %d: an id with bit %d flipped is accepted", i, bit)
			}
		}
	}
}

// fragmented cuts a reply of one message in pieces after n bytes of its body each.
func fragmented(reply []byte, n int) []byte {
	h, body := wire.ParseHeader([wire.HeaderSize]byte(reply)), reply[wire.HeaderSize:]
	var out []byte
	for len(body) > n {
		out = wire.AppendReply(out, h.ID, h.Statement, 0, true, body[:n])
		body = body[n:]
	}
	return wire.AppendReply(out, h.ID, h.Statement, h.Status(), false, body)
}

// messages takes replies apart; those of DQ are two.
func messages(replies []byte) (out [][]byte) {
	for len(replies) > 0 {
		n := wire.HeaderSize + int(wire.ParseHeader([wire.HeaderSize]byte(replies)).Length)
		out, replies = append(out, replies[:n]), replies[n:]
	}
	return out
}

func TestFragmentsMayEndAnywhere(t *testing.T) {
	for n := 1; n < 40; n++ {
		var all [][]byte
		for _, reply := range replies() {
			var out []byte
			for _, m := range messages(reply) {
				if m[11]&0x80 != 0 {
					out = append(out, m...)
					continue
				}
				out = append(out, fragmented(m, n)...)
			}
			all = append(all, out)
		}
		if err := converse(all); err != nil {
			t.Errorf("fragments of %d bytes: %v", n, err)
		}
	}
	// One cut at every byte of the reply with rows, and of the one with columns.
	for n := 1; n < len(bytesOf(recordedMetadata)); n++ {
		m, r := messages(bytesOf(recordedMetadata))[0], messages(bytesOf(recordedRows))[0]
		c := connect(t, step{reply: append(fragmented(m, n), fragmented(r, n)...)}, recordedFetch)
		rows, err := c.Query(t.Context(), recordedSQL, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read(t.Context(), rows); err != io.EOF || fmt.Sprint(got) != fmt.Sprint(recordedResult) {
			t.Errorf("cut at %d: %q, %v", n, got, err)
		}
		c.Close()
	}
}

// A header alone must not make the client allocate what it announces.
func TestALengthIsNotBelieved(t *testing.T) {
	for i, reply := range replies() {
		for _, length := range []uint32{1<<20 + 1, 1 << 31, 1<<32 - 1} {
			h := wire.ParseHeader([wire.HeaderSize]byte(reply))
			h.Length = length
			all := with(i, append(h.Append(nil), reply[wire.HeaderSize:]...))
			allocated := testing.AllocsPerRun(1, func() {
				if err := converse(all[:i+1]); !errors.Is(err, client.ErrLost) {
					t.Errorf("reply %d of %d bytes: %v", i, length, err)
				}
			})
			if allocated > 10_000 {
				t.Errorf("reply %d of %d bytes: %v allocations", i, length, allocated)
			}
		}
	}
}

func FuzzReplies(f *testing.F) {
	f.Add(bytes.Join(replies(), nil))
	for i := range replies() {
		f.Add(bytes.Join(replies()[:i], nil))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		// All is there from the beginning: the server does not wait for requests.
		if err := converse([][]byte{sent}); !known(err) {
			t.Error(err)
		}
	})
}
