package iristest_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// The requests are those of the JDBC driver 3.10.3 for getTables(null, "%", "T", null) and getSchemas(); the first part of
// the reply is what it was seen to accept.
func TestMetadataOfTheDatabase(t *testing.T) {
	_, k := table(t, 0, func(o *iristest.Options) { o.PageRows = 1 })
	k.run("CREATE TABLE Other.T (a INTEGER)")
	const tables = "030401 030403 030154 3a015441424c452c20564945572c20474c4f42414c2054454d504f524152592c2053595354454d205441424c452c2053595354454d2056494557 030125"
	status, head := k.ask(wire.Code{'T', 'A'}, 2, tables)
	if status != 0 || !strings.HasPrefix(head, "0204"+"030405"+hexText("TABLE_CAT")) {
		t.Fatalf("status %d, %s", status, head)
	}
	row := func(schema string) string { return "0201" + hexText(schema) + hexText("T") + hexText("TABLE") + "0201" }
	if status, body := k.receive(2); status != 0 || body != row("Other") {
		t.Errorf("status %d, %s", status, body)
	}
	if status, body := k.ask(wire.Code{'S', 'F'}, 2, ""); status != 100 || body != row("SQLUser") {
		t.Errorf("status %d, %s", status, body)
	}
	if status, _ := k.ask(wire.Code{'S', 'C'}, 3, "030401 030401 030125"); status != 0 {
		t.Errorf("status %d", status)
	}
	_, body := k.receive(3)
	if !strings.HasPrefix(body, hexText("%Dictionary")) {
		b, _ := hex.DecodeString(body)
		t.Errorf("%q", b)
	}
	for name, body := range map[string]string{"too few values": "030401 030402 030154 030125", "too many": tables + "0204", "cut": "030401 030403 0301"} {
		if status, _ := k.ask(wire.Code{'T', 'A'}, 2, body); status != 400 {
			t.Errorf("%s: status %d", name, status)
		}
	}
}
