package iristest_test

import (
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

func TestCloseEndsEverything(t *testing.T) {
	for name, busy := range map[string]func(t *testing.T, s *iristest.Server){
		"no connection": func(*testing.T, *iristest.Server) {},
		"silent":        func(t *testing.T, s *iristest.Server) { dial(t, s) },
		"logged in":     func(t *testing.T, s *iristest.Server) { login(t, s) },
		"stalled": func(t *testing.T, s *iristest.Server) {
			k := login(t, s)
			stalled := make(chan struct{})
			s.Play(func(iristest.Moment) iristest.Action { close(stalled); return iristest.Stall() })
			k.send(wire.TC, 0, "")
			<-stalled
		},
		"half a request": func(t *testing.T, s *iristest.Server) {
			k := login(t, s)
			k.c.Write([]byte{1, 0, 0, 0, 9, 0})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := iristest.Start(iristest.Options{})
			if err != nil {
				t.Fatal(err)
			}
			busy(t, s)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Errorf("the second time: %v", err)
			}
			if n := s.Open(); n != 0 {
				t.Errorf("%d connections", n)
			}
			if left := ours(); left != "" {
				t.Errorf("still running:\n%s", left)
			}
			if _, err := net.Dial("tcp", s.Addr()); err == nil {
				t.Error("still listening")
			}
		})
	}
}

// ours are the goroutines of the server.
func ours() string {
	buf := make([]byte, 1<<20)
	var left []string
	for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, "iristest.(*") || strings.Contains(g, "iristest.converse") {
			left = append(left, g)
		}
	}
	return strings.Join(left, "\n\n")
}

func TestDisconnectCutsAndTheServerGoesOn(t *testing.T) {
	s := iristest.New(t)
	a, b := login(t, s), login(t, s)
	s.Disconnect()
	a.ended()
	b.ended()
	s.WaitIdle()
	login(t, s)
	if s.Open() != 1 || s.Accepted() != 3 {
		t.Errorf("%d open, %d accepted", s.Open(), s.Accepted())
	}
}

func TestTwoServersCanServeOneInstance(t *testing.T) {
	system, err := engine.Open(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	shared := func(o *iristest.Options) { o.System = system }
	t.Run("servers", func(t *testing.T) {
		login(t, iristest.New(t, shared))
		login(t, iristest.New(t, shared))
	})
	if err := system.Close(); err != nil {
		t.Error(err)
	}
}

func TestAnUnknownLocaleIsNoServer(t *testing.T) {
	_, err := iristest.Start(iristest.Options{EightBit: true, Locale: "KLINGON"})
	if err == nil || err.Error() != `unknown 8-bit locale "KLINGON"` {
		t.Error(err)
	}
}
