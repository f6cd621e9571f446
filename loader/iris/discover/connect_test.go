package discover

import (
	"errors"
	"testing"
)

func server(t *testing.T, text string) *Server {
	t.Helper()
	u, err := ParseURL(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Find(t.Context(), []Given{{From: "--to", URL: u}}, func(string) string { return "" }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAServerBecomesAConnection(t *testing.T) {
	plain, err := server(t, "iris://me:se%40cret@[::1]:1973/%25SYS").Config(nil)
	if err != nil || plain.Address != "[::1]:1973" || plain.Namespace != "%SYS" || plain.User != "me" || plain.Password != "se@cret" || plain.TLS != nil {
		t.Errorf("%v %#v", err, plain)
	}
	on, err := server(t, "iris://h/NS?tls=on").Config(nil)
	if err != nil || on.TLS == nil || on.TLS.InsecureSkipVerify || on.TLS.RootCAs != nil || on.Address != "h:1972" {
		t.Errorf("%v %#v", err, on)
	}
	careless, err := server(t, "iris://h/NS?tls=skip-verify").Config(nil)
	if err != nil || careless.TLS == nil || !careless.TLS.InsecureSkipVerify {
		t.Errorf("%v %#v", err, careless)
	}
	if _, err := server(t, "iris://h/NS?tls=on&ca=x").Config([]byte("none")); !errors.Is(err, ErrNoCertificate) {
		t.Errorf("%v", err)
	}
}
