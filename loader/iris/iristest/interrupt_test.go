package iristest_test

import (
	"encoding/hex"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// job logs in and gives the number of the server's process, too.
func job(t testing.TB, s *iristest.Server) (*talker, string) {
	t.Helper()
	k := dial(t, s)
	k.ask(wire.HS, 0, "4100")
	_, body := k.ask(wire.CN, 0, recordedConnect)
	reply, err := wire.ParseConnectReply(unhex(t, body), wire.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	return k, hexText(reply.Job)
}

func TestAnotherConnectionCanInterruptAWait(t *testing.T) {
	s, owner := table(t, 1)
	owner.run("LOCK TABLE T IN EXCLUSIVE MODE")
	waiting, number := job(t, s)
	arrived := make(chan struct{})
	s.Play(func(m iristest.Moment) iristest.Action {
		if m.Phase == iristest.Set && m.SQL == "LOCK TABLE T IN EXCLUSIVE MODE WAIT 25" {
			close(arrived)
		}
		return iristest.Action{}
	})
	body, _ := wire.Update{SQL: "LOCK TABLE T IN EXCLUSIVE MODE WAIT 25", Keys: wire.KeysNull}.Append(nil, wire.Unicode)
	waiting.send(wire.DU, 1, hex.EncodeToString(body))
	<-arrived
	if status, _ := owner.ask(wire.Code{'E', 'I'}, 0, number+"0204"); status != 0 {
		t.Fatalf("EI: status %d", status)
	}
	if status, _ := waiting.receive(1); status != 456 {
		t.Errorf("status %d", status)
	}
	if rows := waiting.rows("SELECT a FROM T"); rows != "030401" {
		t.Errorf("afterwards %s", rows)
	}
}

func TestAnInterruptOfNothingDoesNothing(t *testing.T) {
	s := iristest.New(t)
	k, number := job(t, s)
	for _, body := range []string{number + "0204", "0404ffff 0204"} {
		if status, _ := login(t, s).ask(wire.Code{'E', 'I'}, 0, body); status != 0 {
			t.Errorf("status %d", status)
		}
	}
	if status, _ := k.ask(wire.TC, 0, ""); status != 0 {
		t.Errorf("status %d", status)
	}
}

// A second is the unit, so this takes one.
func TestAQueryEndsWhenItsTimeIsUp(t *testing.T) {
	s, owner := table(t, 1)
	owner.run("START TRANSACTION")
	owner.run("UPDATE T SET b = 'y'")
	reader := login(t, s)
	reader.run("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
	body, _ := wire.Query{SQL: "SELECT a, b FROM T", Timeout: 1}.Append(nil, wire.Unicode)
	status, _ := reader.ask(wire.DQ, 1, hex.EncodeToString(body))
	if status == 0 {
		status, _ = reader.receive(1)
	}
	if status != 450 {
		t.Errorf("status %d, %s", status, reader.why(1, status))
	}
}
