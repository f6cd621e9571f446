package client_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

func TestLoginAsksForNoFeaturesAndScramblesThePassword(t *testing.T) {
	cn := welcome
	cn.want = bytesOf(`55 00 00 00  03 00 00 00  00 00 00 00  43 4e |
		06 01 'USER'
		09 01 5d 7c be fe 40 3f df
		05 01 9e ff de
		09 01 'irisfix'
		0b 01 '127.0.0.1'
		09 01 'irisfix'
		0e 01 00 00 00 00 00 00 00 00 00 00 00 00
		0b 01 '127.0.0.1'
		03 01 00
		03 04 01  03 04 01  02 04`)
	c, err := client.Connect(t.Context(), client.Config{
		Address: serve(t, nil, hello, cn), Namespace: "USER", User: "_SYSTEM", Password: "SYS"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got := fmt.Sprint(c.Version(), ";", c.Locale(), ";", c.DelimitedIdentifiers(), ";", c.Charset() == wire.Unicode)
	if want := "IRIS 1;UNICODE;true;true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestARefusedLoginSaysWhyInTheWordsOfTheServer(t *testing.T) {
	for _, tt := range []struct {
		status uint16
		text   string
		reason client.Reason
		want   string
	}{
		{402, "Invalid username or password", client.WrongPassword, "login refused: SQLCODE -402: Invalid username or password"},
		{417, "Access Denied", client.AccessDenied, "login refused: SQLCODE -417: Access Denied"},
		{417, "Zugriff verweigert", client.AccessDenied, "login refused: SQLCODE -417: Zugriff verweigert"},
		{853, "Password change required", client.PasswordExpired, "login refused: SQLCODE -853: Password change required"},
		{417, "User is required to change password", client.PasswordExpired, "login refused: SQLCODE -417: User is required to change password"},
		{98, "License violation", client.LicenceExceeded, "login refused: SQLCODE -98: License violation"},
		{400, "<LICENSE LIMIT EXCEEDED>", client.LicenceExceeded, "login refused: SQLCODE -400: <LICENSE LIMIT EXCEEDED>"},
		{400, "<NAMESPACE>zLogin+3", client.NoNamespace, "login refused: SQLCODE -400: <NAMESPACE>zLogin+3"},
		{415, "something else", client.Refused, "login refused: SQLCODE -415: something else"},
		{100, "", client.Refused, "login refused: SQLCODE -100"},
	} {
		body := items(tt.text)
		if tt.text == "" {
			body = nil
		}
		refusal := step{reply: wire.AppendReply(nil, 3, 0, tt.status, false, body)}
		_, err := client.Connect(t.Context(), client.Config{Address: serve(t, nil, hello, refusal)})
		var refused *client.LoginError
		if !errors.As(err, &refused) {
			t.Errorf("%d %s: %v", tt.status, tt.text, err)
			continue
		}
		if err.Error() != tt.want || refused.Reason() != tt.reason || errors.Is(err, client.ErrLost) {
			t.Errorf("%d %s: %v, reason %d", tt.status, tt.text, err, refused.Reason())
		}
	}
}

func TestAServerThatIsNotUnderstoodIsRefused(t *testing.T) {
	hs := func(notes string) step {
		return step{reply: wire.AppendReply(nil, 1, 0, 0, false, bytesOf(notes))}
	}
	granted := step{reply: wire.AppendReply(nil, 3, 0, 0, false, items("v|d", 1, 0, 1, "7", 0, 3))}
	for name, tt := range map[string]struct {
		steps []step
		want  string
	}{
		"too old": {[]step{hs("3c 00 01 00 02 01")},
			"connection lost after HS was sent: protocol error: reply to HS: version 60 of the protocol, 61 to 65 are known"},
		"newer than offered": {[]step{hs("42 00 01 00 02 01")},
			"connection lost after HS was sent: protocol error: reply to HS: version 66 of the protocol, 61 to 65 are known"},
		"unknown code page": {[]step{hs("41 00 00 00 05 01 'XYZ'")},
			`connection lost after HS was sent: protocol error: reply to HS: unknown 8-bit locale "XYZ"`},
		"empty handshake": {[]step{hs("")},
			"connection lost after HS was sent: protocol error: reply to HS: HS reply: version: 2 bytes announced at offset 0, 0 remain"},
		"features that nobody asked for": {[]step{hello, granted},
			"connection lost after CN was sent: protocol error: reply to CN: features 3 granted, none was asked for"},
	} {
		_, err := client.Connect(t.Context(), client.Config{Address: serve(t, nil, tt.steps...)})
		var protocol *client.ProtocolError
		if !errors.As(err, &protocol) || err.Error() != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", name, err, tt.want)
		}
	}
}

func TestAServerThatHangsUpIsALostConnection(t *testing.T) {
	hangUp := step{}.closing()
	for name, steps := range map[string][]step{"HS": {hangUp}, "CN": {hello, hangUp}} {
		_, err := client.Connect(t.Context(), client.Config{Address: serve(t, nil, steps...)})
		want := "connection lost after " + name + " was sent: unexpected EOF"
		if !errors.Is(err, client.ErrLost) || errors.Is(err, io.EOF) || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

func TestNobodyListeningIsTheErrorOfTheNetwork(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = client.Connect(t.Context(), client.Config{Address: l.Addr().String()})
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "dial" {
		t.Errorf("got %v", err)
	}
}

func TestA8BitServerGetsItsCodePage(t *testing.T) {
	cp1251 := step{reply: wire.AppendReply(nil, 1, 0, 0, false, bytesOf("41 00 00 00 08 01 'CP1251'"))}
	update, err := wire.Update{SQL: "UPDATE T SET a = :%qpar(1)", Params: wire.UserParams(1), Keys: wire.KeysNull}.Append(nil, wire.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	update = append(update[:len(update)-5], bytesOf("03 04 01 03 04 01  06 01 f2 e5 f1 f2")...)
	c, err := client.Connect(t.Context(), client.Config{Address: serve(t, nil, cp1251, welcome,
		ask(5, 1, wire.DU, update, 0, items(0, 0, 1)))})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := c.Exec(t.Context(), "UPDATE T SET a = ?", "тест"); n != 1 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	_, err = c.Exec(t.Context(), "UPDATE T SET a = ?", "💻")
	if want := "parameter 1: character U+1F4BB does not exist in CP1251"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
