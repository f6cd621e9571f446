package wire

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// form is one message in one direction: its value is parsed, and written again.
type form struct {
	name  string
	parse func(body []byte) (any, error)
	write func(v any) ([]byte, error)
}

// formOf joins the two halves. Parsing and writing decide together what a message is.
func formOf[T any](name string, parse func([]byte) (T, error), write func(T) ([]byte, error)) form {
	return form{name,
		func(b []byte) (any, error) { return parse(b) },
		func(v any) ([]byte, error) { return write(v.(T)) },
	}
}

// charset makes a Parse function of a charset one without.
func charset[T any](f func([]byte, *Charset) (T, error)) func([]byte) (T, error) {
	return func(b []byte) (T, error) { return f(b, Unicode) }
}

// features does the same with features.
func features[T any](f func([]byte, *Charset, int) (T, error), features int) func([]byte) (T, error) {
	return func(b []byte) (T, error) { return f(b, Unicode, features) }
}

// forms lists every message that has a body, in both directions.
var forms = []form{
	formOf("hs-request", ParseHandshake, func(m Handshake) ([]byte, error) { return m.Append(nil), nil }),
	formOf("hs-reply", ParseHandshakeReply, func(m HandshakeReply) ([]byte, error) { return m.Append(nil) }),
	formOf("cn-request", charset(ParseConnect), func(m Connect) ([]byte, error) { return m.Append(nil, Unicode) }),
	formOf("cn-reply", charset(ParseConnectReply), func(m ConnectReply) ([]byte, error) { return m.Append(nil, Unicode) }),
	formOf("cn-refused", charset(ParseErrorText), func(m ErrorText) ([]byte, error) { return m.Append(nil, Unicode) }),
	formOf("oe-request", ParseErrorRequest, func(m ErrorRequest) ([]byte, error) { return m.Append(nil), nil }),
	formOf("dq-request", charset(ParseQuery), func(m Query) ([]byte, error) { return m.Append(nil, Unicode) }),
	formOf("pq-request", charset(ParseExecute), func(m Execute) ([]byte, error) { return m.Append(nil, Unicode) }),
	formOf("pp-request", charset(ParsePrepare), func(m Prepare) ([]byte, error) { return m.Append(nil, Unicode) }),
	formOf("du-request", charset(ParseUpdate), func(m Update) ([]byte, error) { return m.Append(nil, Unicode) }),
	formOf("pu-request", charset(ParsePreparedUpdate), func(m PreparedUpdate) ([]byte, error) { return m.Append(nil, Unicode) }),
	formOf("dq-metadata", features(ParseMetadata, 0), func(m Metadata) ([]byte, error) { return m.Append(nil, Unicode, 0) }),
	formOf("dq-metadata-prefix", features(ParseMetadata, 3), func(m Metadata) ([]byte, error) { return m.Append(nil, Unicode, 3) }),
	formOf("du-reply", func(b []byte) (UpdateReply, error) { return ParseUpdateReply(b, Unicode, 0, 1) },
		func(m UpdateReply) ([]byte, error) { return m.Append(nil, Unicode, 0) }),
	formOf("du-reply-prefix", func(b []byte) (UpdateReply, error) { return ParseUpdateReply(b, Unicode, 2, 2) },
		func(m UpdateReply) ([]byte, error) { return m.Append(nil, Unicode, 2) }),
	formOf("pu-reply", func(b []byte) ([]int64, error) { return ParseCounts(b, 3) },
		func(m []int64) ([]byte, error) { return AppendCounts(nil, m), nil }),
	formOf("gg-reply", charset(ParseGeneratedKeys), func(m GeneratedKeys) ([]byte, error) { return m.Append(nil, Unicode) }),
	formOf("js-request", ParseReadStream, func(m ReadStream) ([]byte, error) { return m.Append(nil), nil }),
	formOf("sm-request", ParseWriteStream, func(m WriteStream) ([]byte, error) { return m.Append(nil) }),
	formOf("sm-reply", ParseHandle, func(m []byte) ([]byte, error) { return AppendHandle(nil, m), nil }),
}

func TestObservedMessagesAreReadAndWrittenByteForByte(t *testing.T) {
	vectors := messageVectors(t)
	seen := 0
	for _, f := range forms {
		v, ok := vectors[f.name]
		if !ok {
			continue
		}
		seen++
		m, err := f.parse(v.body)
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
			continue
		}
		same(t, f.name, must[[]byte](t)(f.write(m)), v.body)
	}
	if seen != 12 {
		t.Errorf("%d messages have vectors", seen)
	}
}

func TestObservedMessagesSayWhatWasMeant(t *testing.T) {
	v := messageVectors(t)
	connect := must[Connect](t)(ParseConnect(v["cn-request"].body, Unicode))
	want := Connect{"USER", "_SYSTEM", "SYS", "root", "vm", "app", make([]byte, 12), "127.0.0.1", "", AutocommitOn, ReadUncommitted, FeatureRedirectOutput}
	if !reflect.DeepEqual(connect, want) {
		t.Errorf("%+v", connect)
	}
	if m := must[HandshakeReply](t)(ParseHandshakeReply(v["hs-reply"].body)); m != (HandshakeReply{65, true, true, "UNICODE"}) {
		t.Errorf("%+v", m)
	}
	if m := must[ErrorText](t)(ParseErrorText(v["cn-refused"].body, Unicode)); m.Text != "Access Denied" {
		t.Errorf("%+v", m)
	}
	if m := must[ErrorRequest](t)(ParseErrorRequest(v["oe-request"].body)); m.Status != 119 {
		t.Errorf("%+v", m)
	}
	meta := must[Metadata](t)(ParseMetadata(v["dq-metadata"].body, Unicode, 0))
	if !reflect.DeepEqual(meta, Metadata{Columns: []Column{
		{"ID", SQLInteger, 10, 0, NoNulls, "ID", "T", "SQLUser", AutoIncrement | ReadOnly | Unique | Identity | KeyColumn | RowID, 0},
		{"Name", SQLVarchar, 50, 0, Nullable, "Name", "T", "SQLUser", CaseSensitive, 0},
	}, Params: []Param{{SQLVarchar, 50, 0, Nullable}}, Cacheable: true}) {
		t.Errorf("%+v", meta)
	}
	query := must[Query](t)(ParseQuery(v["dq-request"].body, Unicode))
	if query.SQL != "SELECT ID , Name FROM T WHERE ID > :%qpar(1)" || !reflect.DeepEqual(query.Params, UserParams(1)) || query.Values.Sets() != 1 {
		t.Errorf("%+v", query)
	}
	batch := must[PreparedUpdate](t)(ParsePreparedUpdate(v["pu-request"].body, Unicode))
	if batch.Values.Sets() != 3 || batch.Values.PerSet() != 2 || batch.Keys != KeysDefault {
		t.Errorf("%+v", batch)
	}
	r := batch.Values.Reader()
	for _, row := range []struct {
		s string
		n int64
	}{{"a", 1}, {"é", -1}, {"тест\U0001F4BB", 300}} {
		s, err1 := r.Text(Unicode)
		n, err2 := r.Int()
		if s != row.s || n != row.n || err1 != nil || err2 != nil {
			t.Error(s, n, err1, err2)
		}
	}
	if m := must[ReadStream](t)(ParseReadStream(v["js-request"].body)); string(m.Handle) != "1@%Stream" || m.Length != -1 {
		t.Errorf("%+v", m)
	}
}

// The text of 59 bytes was not recorded, everything behind it was.
func TestTheObservedReplyToConnectIsReadAndWritten(t *testing.T) {
	text := "IRIS for UNIX (Ubuntu Server LTS for x86-64) 2025|/usr/iris"
	body := append([]byte{0x3D, 1}, text...)
	body = append(body, unhex(t, "03 04 01 02 04 02 04 06 01 31 32 33 34 02 04 03 04 20")...)
	m := must[ConnectReply](t)(ParseConnectReply(body, Unicode))
	if m != (ConnectReply{"IRIS for UNIX (Ubuntu Server LTS for x86-64) 2025", "/usr/iris", true, 0, "1234", 32}) {
		t.Errorf("%+v", m)
	}
	same(t, "written", must[[]byte](t)(m.Append(nil, Unicode)), body)
	body = bytes.Replace(body, unhex(t, "06 01 31 32 33 34"), unhex(t, "04 04 d2 04"), 1)
	if m := must[ConnectReply](t)(ParseConnectReply(append(body, 2, 1), Unicode)); m.Job != "1234" {
		t.Errorf("job as an integer, and one more item: %+v", m)
	}
}

// As go-irisnative v0.2.0 sends it: integers for the kinds, NULL for the key selector, a timeout of 10.
func TestTheOtherClientsHabitsAreRead(t *testing.T) {
	sql := must[[]byte](t)(AppendText(AppendInt(nil, 1), "x :%qpar(1)", Unicode))
	body := append(bytes.Clone(sql), unhex(t, "03 04 01 03 04 63 03 04 04 03 04 01 03 04 01 03 01 61 03 04 0a 02 04")...)
	q := must[Query](t)(ParseQuery(body, Unicode))
	if !reflect.DeepEqual(q.Params, []ParamKind{{'c', 4}}) || q.Timeout != 10 || q.Values.Sets() != 1 {
		t.Errorf("%+v", q)
	}
	body = append(bytes.Clone(sql), unhex(t, "03 04 01 03 04 63 03 04 01 02 01 02 04 03 04 01 03 04 01 03 01 61")...)
	u := must[Update](t)(ParseUpdate(body, Unicode))
	if !reflect.DeepEqual(u.Params, []ParamKind{{'c', 1}}) || u.Keys != KeysNull {
		t.Errorf("%+v", u)
	}
}

// Of characters their 16-bit units are announced, and their UTF-8 is sent: by the DB-API client 3.8.0 with the text 0 for
// a new stream, by the DB-API driver 5.4.1 and the JDBC driver 3.10.3 with the integer 0. The JDBC driver writes a
// character above U+FFFF as its two surrogates, three bytes each.
func TestAPieceOfAStreamAnnouncesUnits(t *testing.T) {
	for name, tt := range map[string]struct {
		head, data string
		count      uint32
	}{
		"DB-API 3.8.0": {"03 01 30 | 00 10 00 00", strings.Repeat("я", 4096), 4096},
		"DB-API 5.4.1": {"02 04 | 60 e3 16 00", strings.Repeat("яb€💻", 300_000), 1_500_000},
		"JDBC 3.10.3":  {"02 04 | 98 3a 00 00", strings.Repeat("яa€\xed\xa0\xbd\xed\xb2\xbb", 3000), 15_000},
	} {
		t.Run(name, func(t *testing.T) {
			body := append(unhex(t, tt.head), tt.data...)
			m := must[WriteStream](t)(ParseWriteStream(body))
			if m.Handle != nil || m.Count != tt.count || string(m.Data) != tt.data {
				t.Errorf("%q, %d, %d bytes", m.Handle, m.Count, len(m.Data))
			}
			again := must[WriteStream](t)(ParseWriteStream(must[[]byte](t)(m.Append(nil))))
			if !reflect.DeepEqual(again, m) {
				t.Error("written otherwise")
			}
		})
	}
	next := must[[]byte](t)(WriteStream{Handle: []byte("5@%S"), Data: []byte("x")}.Append(nil))
	same(t, "next piece", next, append(unhex(t, "06 01 35 40 25 53 | 01 00 00 00"), 'x'))
}

func TestMessagesThatGoOnAreRefused(t *testing.T) {
	vectors := messageVectors(t)
	for _, name := range []string{"hs-request", "cn-request", "oe-request", "dq-request", "du-request", "pu-request", "dq-metadata", "js-request"} {
		for _, f := range forms {
			if f.name != name {
				continue
			}
			_, err := f.parse(append(bytes.Clone(vectors[name].body), 2, 4))
			if !errors.Is(err, ErrTrailing) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if err := ParseEmpty(FD, []byte{1}); err == nil || err.Error() != "FD request: end: more follows than the message has" {
		t.Error(err)
	}
	if err := ParseEmpty(TC, nil); err != nil {
		t.Error(err)
	}
}

func TestMessagesThatAreCutAreRefused(t *testing.T) {
	vectors := messageVectors(t)
	for _, f := range forms {
		v, ok := vectors[f.name]
		for n := range len(v.body) {
			if f.name == "cn-refused" && n == 0 {
				continue // an error without a text
			}
			if m, err := f.parse(v.body[:n]); ok && err == nil {
				t.Errorf("%s cut at %d: %+v", f.name, n, m)
			}
		}
	}
}
