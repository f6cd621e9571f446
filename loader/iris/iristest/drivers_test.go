package iristest_test

import (
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// The requests are the bytes that the drivers sent.
func TestRequestsOfTheDriversAreUnderstood(t *testing.T) {
	type exchange struct {
		code    wire.Code
		body    string
		replies []string // status and body; "" is any body
	}
	for name, conversation := range map[string][]exchange{
		"JDBC 3.10.3, select 1": {
			{wire.DQ, "030401 120153454c454354203a2571706172283129 030401 030463 03040a 030401 030401 030131 0204 0204", []string{"", "030401"}},
		},
		"DB-API 5.4.1, select 1": {
			{wire.PP, "030401 120153454c454354203a2571706172283129 030401 030163 03040a", []string{""}},
			{wire.PQ, "030401 030401 030401 0204 0204", []string{"030401"}},
		},
		"DB-API 5.4.1, DDL and a batch": {
			{wire.PP, "030401 1701637265617465207461626c652054286120696e7429 0204", []string{""}},
			{wire.PU, "0201 0204 030401 0204", []string{"0204"}},
			{wire.PP, "030401 2401494e5345525420494e544f20542056414c5545532028203a25717061722831292029 030401 03013f 0204", []string{""}},
			{wire.PU, "0201 0204 030403 030401 030401 030402 0201", []string{"030401 030401 030401"}},
		},
		"JDBC 3.10.3, DDL and a batch": {
			{wire.DU, "030401 1701637265617465207461626c652054286120696e7429 0204 0201 0204 030401 0204", []string{""}},
			{wire.PP, "030401 2401494e5345525420494e544f20542056414c5545532028203a25717061722831292029 030401 03043f 0204", []string{""}},
			{wire.PU, "0201 0204 030402 030401 030131 030132", []string{"030401 030401"}},
			{wire.PU, "04012d31 0204 030401 030401 030405", []string{"030401"}},
			{wire.GG, "", []string{""}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := login(t, iristest.New(t))
			for i, x := range conversation {
				k.send(x.code, 1, x.body)
				for part, want := range x.replies {
					status, body := k.receive(1)
					if status != 0 && status != 100 {
						t.Fatalf("%d: status %d, %s", i, status, k.why(1, status))
					}
					if want != "" && body != plain(want) {
						t.Errorf("%d, part %d: %s", i, part, body)
					}
				}
			}
		})
	}
}
