package iristest_test

import (
	"encoding/hex"
	"net"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// connectBody is a CN body for any account, written by package wire.
func connectBody(t testing.TB, namespace, user, password string) string {
	t.Helper()
	b, err := wire.Connect{Namespace: namespace, User: user, Password: password, Autocommit: 1, Isolation: 1}.
		Append(nil, wire.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

func TestHandshakeAgreesOnTheLowerVersionAndNamesTheLocale(t *testing.T) {
	for name, tt := range map[string]struct {
		set   func(*iristest.Options)
		offer string
		want  string
	}{
		"an old client": {func(*iristest.Options) {}, "41 00", "41 00 03 00 09 01 55 4e 49 43 4f 44 45"},
		"a new client":  {func(*iristest.Options) {}, "45 00", "41 00 03 00 09 01 55 4e 49 43 4f 44 45"},
		"plain doubles": {func(o *iristest.Options) { o.PlainDoubles = true }, "41 00", "41 00 01 00 09 01 55 4e 49 43 4f 44 45"},
		"8 bits":        {func(o *iristest.Options) { o.EightBit, o.Locale = true, "CP1251" }, "41 00", "41 00 02 00 08 01 43 50 31 32 35 31"},
	} {
		t.Run(name, func(t *testing.T) {
			k := dial(t, iristest.New(t, tt.set))
			if status, body := k.ask(wire.HS, 0, tt.offer); status != 0 || body != plain(tt.want) {
				t.Errorf("status %d, %s", status, body)
			}
		})
	}
}

func TestLoginTellsWhyItIsRefusedAndEnds(t *testing.T) {
	s := iristest.New(t, func(o *iristest.Options) {
		o.Users = []iristest.User{{Name: "_SYSTEM", Password: "SYS"}, {Name: "new", Password: "x", ChangePassword: true},
			{Name: "off", Password: "x", Disabled: true}, {Name: "narrow", Password: "пароль", Namespaces: []string{"user"}}}
	})
	for name, tt := range map[string]struct {
		namespace, user, password string
		status                    uint16
		text                      string
	}{
		"right":                   {"USER", "_SYSTEM", "SYS", 0, ""},
		"user in other case":      {"USER", "_system", "SYS", 0, ""},
		"namespace in other case": {"user", "_SYSTEM", "SYS", 0, ""},
		"not Latin":               {"USER", "narrow", "пароль", 0, ""},
		"wrong password":          {"USER", "_SYSTEM", "sys", 417, "Access Denied"},
		"no user":                 {"USER", "nobody", "SYS", 417, "Access Denied"},
		"disabled":                {"USER", "off", "x", 417, "Access Denied"},
		"not there":               {"%SYS", "narrow", "пароль", 417, "Access Denied"},
		"password to be changed":  {"USER", "new", "x", 853, "[SQLCODE: <-853>:"},
		"no namespace":            {"NOWHERE", "_SYSTEM", "SYS", 400, "<NAMESPACE>"},
	} {
		t.Run(name, func(t *testing.T) {
			k := dial(t, s)
			k.ask(wire.HS, 0, "41 00")
			status, body := k.ask(wire.CN, 0, connectBody(t, tt.namespace, tt.user, tt.password))
			if status != tt.status {
				t.Fatalf("status %d, want %d", status, tt.status)
			}
			if tt.status == 0 {
				return
			}
			if got := text(t, body); !strings.Contains(got, tt.text) {
				t.Errorf("text %q", got)
			}
			k.ended()
		})
	}
}

func TestOnlyAsManyConnectAsTheLicenceAllows(t *testing.T) {
	s := iristest.New(t, func(o *iristest.Options) { o.Connections = 2 })
	first := login(t, s)
	login(t, s)
	third := dial(t, s)
	third.ask(wire.HS, 0, "41 00")
	status, body := third.ask(wire.CN, 0, recordedConnect)
	if status != 98 || !strings.Contains(text(t, body), "<LICENSE LIMIT EXCEEDED>") {
		t.Errorf("status %d, %q", status, body)
	}
	third.ended()
	first.send(wire.DC, 0, "")
	first.ended()
	login(t, s)
}

func TestNothingIsDoneBeforeTheLogin(t *testing.T) {
	s := iristest.New(t)
	for name, first := range map[string]wire.Code{"no handshake": wire.CN, "query": wire.DQ, "no function": {'?', '?'}} {
		t.Run(name, func(t *testing.T) {
			k := dial(t, s)
			k.send(first, 0, recordedConnect)
			k.ended()
		})
	}
	t.Run("query after the handshake", func(t *testing.T) {
		k := dial(t, s)
		k.ask(wire.HS, 0, "41 00")
		k.send(wire.TC, 0, "")
		k.ended()
	})
}

func TestLoginIsReadStrictly(t *testing.T) {
	s := iristest.New(t)
	items := strings.Fields(strings.ReplaceAll(recordedConnect, " ", ""))[0]
	for name, body := range map[string]string{
		"one item too many": items + "0204", "one item too few": items[:len(items)-6], "cut in an item": items[:len(items)-2],
		"no items": "00", "empty": "",
	} {
		t.Run(name, func(t *testing.T) {
			k := dial(t, s)
			k.ask(wire.HS, 0, "41 00")
			if status, _ := k.ask(wire.CN, 0, body); status == 0 {
				t.Error("accepted")
			}
			k.ended()
		})
	}
}

func TestTLSFromTheFirstByte(t *testing.T) {
	s := iristest.New(t, func(o *iristest.Options) { o.TLS = true })
	login(t, s)
	if !strings.HasSuffix(s.URL(), "/USER?tls=on") {
		t.Error(s.URL())
	}
}

func TestPlainTextIsNoTLS(t *testing.T) {
	k := dial(t, iristest.New(t))
	k.c.Write([]byte{22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, 0, 0, 0, 0, 0, 0}) // the beginning of a TLS client
	k.c.(*net.TCPConn).CloseWrite()
	k.ended()
}

func TestAClientWithoutTLSIsTurnedAway(t *testing.T) {
	s := iristest.New(t, func(o *iristest.Options) { o.TLS = true })
	k := dialPlain(t, s)
	k.send(wire.HS, 0, "41 00")
	k.c.(*net.TCPConn).CloseWrite()
	if h, _, err := wire.ReadReply(k.c, 0, nil); err == nil && h.Status() == 0 {
		t.Error("it was answered")
	}
}
