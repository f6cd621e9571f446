package wire

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// made makes random messages: every value is one that a program could want to send.
type made struct{ *rand.Rand }

func (m made) text() string {
	alphabet := []rune("abc \x00é\u0080ÿЯ€\U0001F4BB")
	var b strings.Builder
	for range m.IntN(10) {
		b.WriteRune(alphabet[m.IntN(len(alphabet))])
	}
	return b.String()
}

func (m made) int() int   { return int(int64(m.Uint64()) >> m.IntN(64)) }
func (m made) bool() bool { return m.IntN(2) == 0 }

func (m made) bytes() []byte {
	b := make([]byte, 1+m.IntN(300))
	for i := range b {
		b[i] = byte(m.Uint32())
	}
	return b
}

func (m made) kinds() []ParamKind {
	var kinds []ParamKind
	for range m.IntN(4) {
		kinds = append(kinds, ParamKind{"?c"[m.IntN(2)], m.int()})
	}
	return kinds
}

func (m made) values() *Values {
	v := NewValues(m.IntN(4), Unicode)
	for range v.perSet * (1 + m.IntN(3)) {
		switch m.IntN(6) {
		case 0:
			v.Null()
		case 1:
			v.Int(int64(m.int()))
		case 2:
			v.Double(m.Float64())
		case 3:
			v.Number(Number{m.bool(), m.Uint64(), m.IntN(400) - 200})
		case 4:
			v.Handle(m.bytes())
		case 5:
			if v.SQLText(m.text()) != nil {
				v.Null()
			}
		}
	}
	return v
}

func (m made) params() []Param {
	var params []Param
	for range m.IntN(4) {
		params = append(params, Param{m.int(), m.int(), m.int(), m.IntN(3)})
	}
	return params
}

func (m made) columns(slots bool) []Column {
	var columns []Column
	for range m.IntN(4) {
		c := Column{m.text(), m.int(), m.int(), m.int(), m.IntN(3), m.text(), m.text(), m.text(), Flags(m.IntN(1 << 12)), 0}
		if slots {
			c.Slot = 1 + m.IntN(9)
		}
		columns = append(columns, c)
	}
	return columns
}

// message makes one message for a form.
func (m made) message(name string) any {
	switch name {
	case "hs-request":
		return Handshake{uint16(m.Uint32())}
	case "hs-reply":
		return HandshakeReply{65, m.bool(), m.bool(), m.text()}
	case "cn-request":
		return Connect{m.text(), m.text(), m.text(), m.text(), m.text(), m.text(), m.bytes(), m.text(), "class", m.int(), m.int(), m.int()}
	case "cn-reply":
		return ConnectReply{m.text(), m.text(), m.bool(), m.int(), "17" + m.text(), m.int()}
	case "cn-refused":
		return ErrorText{"[SQLCODE: <-30>]" + m.text()}
	case "oe-request":
		return ErrorRequest{uint16(m.Uint32())}
	case "dq-request":
		return Query{m.text(), m.kinds(), m.values(), m.int(), m.int()}
	case "pq-request":
		return Execute{m.values(), m.int(), m.int()}
	case "pp-request":
		return Prepare{m.text(), m.kinds()}
	case "du-request":
		return Update{m.text(), m.kinds(), Keys(m.IntN(2)), m.int(), m.values()}
	case "pu-request":
		return PreparedUpdate{Keys(m.IntN(2)), m.int(), m.values()}
	}
	return m.reply(name)
}

func (m made) reply(name string) any {
	switch name {
	case "dq-metadata":
		return Metadata{m.columns(false), m.params(), m.bool(), false, 0}
	case "dq-metadata-prefix":
		if m.bool() {
			return Metadata{m.columns(false), m.params(), m.bool(), false, 0}
		}
		return Metadata{m.columns(true), m.params(), m.bool(), true, m.int()}
	case "du-reply":
		return UpdateReply{m.params(), m.bool(), []int64{int64(m.int())}}
	case "du-reply-prefix":
		return UpdateReply{m.params(), m.bool(), []int64{int64(m.int()), 0}}
	case "pu-reply":
		return []int64{int64(m.int()), 1, int64(m.int())}
	case "gg-reply":
		return GeneratedKeys{m.columns(false), []Item{{Positive, false, []byte{42}}, {String8, false, m.bytes()}}}
	case "js-request":
		return ReadStream{m.bytes(), int64(m.int())}
	case "sm-request":
		data := m.bytes()
		return WriteStream{[]byte("1@%Stream"), data, uint32(len(data))}
	case "sm-reply":
		return m.bytes()
	}
	panic("no message " + name)
}

func TestEveryMessageSurvives(t *testing.T) {
	m := made{rand.New(rand.NewPCG(11, 12))}
	for _, f := range forms {
		for range 500 {
			want := m.message(f.name)
			body, err := f.write(want)
			if err != nil {
				t.Fatalf("%s %+v: %v", f.name, want, err)
			}
			got, err := f.parse(body)
			if err != nil {
				t.Fatalf("%s %+v: %v", f.name, want, err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s:\n got %#v\nwant %#v", f.name, got, want)
			}
			same(t, f.name, must[[]byte](t)(f.write(got)), body)
		}
	}
}
