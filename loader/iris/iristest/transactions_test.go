package iristest_test

import (
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

func TestWhatIsNotCommittedIsGoneWithTheConnection(t *testing.T) {
	for name, tt := range map[string]struct {
		begin func(k *talker)
		end   func(k *talker)
		kept  bool
	}{
		"autocommit":                {func(*talker) {}, func(k *talker) { k.c.Close() }, true},
		"off":                       {func(k *talker) { k.send(wire.AF, 0, "") }, func(k *talker) { k.c.Close() }, false},
		"off, disconnected":         {func(k *talker) { k.send(wire.AF, 0, "") }, func(k *talker) { k.send(wire.DC, 0, "") }, false},
		"off, committed":            {func(k *talker) { k.send(wire.AF, 0, "") }, func(k *talker) { k.ask(wire.TC, 0, ""); k.c.Close() }, true},
		"off, on again":             {func(k *talker) { k.send(wire.AF, 0, ""); k.send(wire.AN, 0, "") }, func(k *talker) { k.c.Close() }, true},
		"started":                   {func(k *talker) { k.run("START TRANSACTION") }, func(k *talker) { k.c.Close() }, false},
		"started, committed":        {func(k *talker) { k.run("START TRANSACTION") }, func(k *talker) { k.ask(wire.TC, 0, ""); k.c.Close() }, true},
		"started, rolled back":      {func(k *talker) { k.run("START TRANSACTION") }, func(k *talker) { k.ask(wire.TR, 0, ""); k.c.Close() }, false},
		"started, reset":            {func(k *talker) { k.run("START TRANSACTION") }, func(k *talker) { k.send(wire.RN, 0, ""); k.c.Close() }, false},
		"started, committed in SQL": {func(k *talker) { k.run("START TRANSACTION") }, func(k *talker) { k.run("COMMIT"); k.c.Close() }, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, k := prepared(t)
			tt.begin(k)
			k.ask(wire.PU, 4, noneDoes)
			tt.end(k)
			s.WaitIdle()
			rows, want := login(t, s).rows("SELECT a FROM T ORDER BY a"), ""
			if tt.kept {
				want = "030401030402030403"
			}
			if rows != want {
				t.Errorf("the table has %s", rows)
			}
		})
	}
}

// A client that loses the connection in COMMIT cannot know what became of it: both must be possible.
func TestACommitWhoseAnswerIsLostHasHappenedOrNot(t *testing.T) {
	for name, tt := range map[string]struct {
		phase iristest.Phase
		kept  string
	}{"before": {iristest.Arrived, ""}, "after": {iristest.Reply, "030401030402030403"}} {
		t.Run(name, func(t *testing.T) {
			s, k := prepared(t)
			k.run("START TRANSACTION")
			k.ask(wire.PU, 4, noneDoes)
			s.Play(iristest.On(wire.TC, tt.phase, 1, iristest.Drop()))
			k.send(wire.TC, 0, "")
			k.ended()
			s.WaitIdle()
			if rows := login(t, s).rows("SELECT a FROM T ORDER BY a"); rows != tt.kept {
				t.Errorf("the table has %s", rows)
			}
		})
	}
}

func TestIsolationIsToldAndSet(t *testing.T) {
	k := login(t, iristest.New(t))
	for _, tt := range []struct{ ask, want string }{{"0204", "030401"}, {"030402", "030402"}, {"0204", "030402"}, {"030401", "030401"}} {
		if status, body := k.ask(wire.Code{'I', 'L'}, 0, tt.ask); status != 0 || body != tt.want {
			t.Errorf("%s: status %d, %s", tt.ask, status, body)
		}
	}
	k.send(wire.RC, 0, "")
	if _, body := k.ask(wire.Code{'I', 'L'}, 0, "0204"); body != "030402" {
		t.Errorf("after RC: %s", body)
	}
	if status, _ := k.ask(wire.Code{'I', 'L'}, 0, "030408"); status != 96 {
		t.Errorf("serializable: status %d", status)
	}
}
