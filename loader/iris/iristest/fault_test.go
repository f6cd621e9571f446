package iristest_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// committed is the whole reply to the TC that follows a login.
const committed = "00000000 05000000 00000000 0000"

func TestEachFaultIsWhatItSays(t *testing.T) {
	long := plain("0d000000 01000000 00000000 0000 41000300 0901 554e49434f4445") // the reply to HS
	for name, tt := range map[string]struct {
		code   wire.Code
		phase  iristest.Phase
		action iristest.Action
		got    string // all that arrives of the reply
		open   bool   // the connection still is
	}{
		"nothing":          {wire.TC, iristest.Reply, iristest.Action{}, plain(committed), true},
		"drop arriving":    {wire.TC, iristest.Arriving, iristest.Drop(), "", false},
		"drop arrived":     {wire.TC, iristest.Arrived, iristest.Drop(), "", false},
		"drop before":      {wire.TC, iristest.Reply, iristest.Drop(), "", false},
		"drop after":       {wire.TC, iristest.Replied, iristest.Drop(), plain(committed), false},
		"cut":              {wire.TC, iristest.Reply, iristest.Cut(6), "000000000500", false},
		"cut nothing":      {wire.TC, iristest.Reply, iristest.Cut(0), "", false},
		"cut the end":      {wire.TC, iristest.Reply, iristest.Cut(-1), plain(committed)[:26], false},
		"flip":             {wire.TC, iristest.Reply, iristest.Flip(33), "00000000070000000000000000" + "00", true},
		"announce":         {wire.TC, iristest.Reply, iristest.Announce(0xFFFFFFFF), "ffffffff" + plain(committed)[8:], true},
		"lengthen":         {wire.TC, iristest.Reply, iristest.Lengthen([]byte{2, 4}), "02000000" + plain(committed)[8:] + "0204", true},
		"shorten":          {wire.HS, iristest.Reply, iristest.Shorten(3), "0a000000" + long[8:len(long)-6], true},
		"shorten too much": {wire.HS, iristest.Reply, iristest.Shorten(99), "00000000" + long[8:28], true},
		"replace":          {wire.TC, iristest.Reply, iristest.Replace([]byte{1, 2, 3}), "010203", true},
		"fail arrived":     {wire.TC, iristest.Arrived, iristest.Fail(415, "x"), plain("00000000 05000000 00000000 9f01"), true},
		"fail":             {wire.TC, iristest.Reply, iristest.Fail(415, "x"), plain("00000000 05000000 00000000 9f01"), true},
		"forget":           {wire.TC, iristest.Arrived, iristest.Forget(), plain("00000000 05000000 00000000 9401"), true},
		"bytes singly":     {wire.HS, iristest.Reply, iristest.Pieces(1), long, true},
		"fragments": {wire.HS, iristest.Reply, iristest.Fragments(6), plain("06000000 01000000 00000080 0000 41000300 0901" +
			"06000000 01000000 00000080 0000 554e49434f44" + "01000000 01000000 00000000 0000 45"), true},
	} {
		t.Run(name, func(t *testing.T) {
			s := iristest.New(t)
			s.Play(iristest.On(tt.code, tt.phase, 1, tt.action))
			k := dial(t, s)
			k.send(wire.HS, 0, "4100")
			if tt.code != wire.HS {
				k.receive(0)
				k.ask(wire.CN, 0, recordedConnect)
				k.send(tt.code, 0, "")
			}
			got := make([]byte, len(tt.got)/2)
			if _, err := io.ReadFull(k.c, got); err != nil || hex.EncodeToString(got) != tt.got {
				t.Fatalf("%x, %v", got, err)
			}
			if !tt.open {
				k.ended()
				return
			}
			s.Disconnect()
			k.ended()
		})
	}
}

func TestResetIsSeenByTheSystem(t *testing.T) {
	for _, secure := range []bool{false, true} {
		s := iristest.New(t, func(o *iristest.Options) { o.TLS = secure })
		k := login(t, s)
		s.Play(iristest.On(wire.TC, iristest.Reply, 1, iristest.Reset()))
		k.send(wire.TC, 0, "")
		if _, err := k.c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("TLS %v: %v", secure, err)
		}
	}
}

func TestAFailureIsToldWhenAskedFor(t *testing.T) {
	s := iristest.New(t)
	s.Play(iristest.Always(wire.TC, iristest.Reply, iristest.Fail(415, "the disk is full")))
	k := login(t, s)
	if status, _ := k.ask(wire.TC, 0, ""); status != 415 {
		t.Fatalf("status %d", status)
	}
	if status, body := k.ask(wire.OE, 0, "04 04 9f 01"); status != 0 || text(t, body) != "the disk is full" {
		t.Errorf("status %d, %q", status, text(t, body))
	}
	if _, body := k.ask(wire.OE, 0, "03 04 1e"); text(t, body) != "[SQLCODE: <-30>:<Table or view not found>]" {
		t.Errorf("another code: %q", text(t, body))
	}
}

func TestRecordKnowsEachMoment(t *testing.T) {
	s := iristest.New(t)
	var r iristest.Record
	s.Play(r.Fault)
	k := login(t, s)
	k.ask(wire.TC, 0, "")
	k.send(wire.AF, 0, "")
	k.send(wire.DC, 0, "")
	k.ended()
	var got []string
	for _, m := range r.Moments() {
		got = append(got, fmt.Sprintf("%d %s %v %d", m.N, m.Code, m.Phase, m.Part))
	}
	var want []string
	for i, code := range []string{"HS", "CN", "TC", "AF", "DC"} {
		want = append(want, fmt.Sprintf("%d %s arriving 0", i+1, code), fmt.Sprintf("%d %s arrived 0", i+1, code))
		if i < 3 {
			want = append(want, fmt.Sprintf("%d %s reply 1", i+1, code), fmt.Sprintf("%d %s replied 1", i+1, code))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(plain(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
