package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
)

// start runs the program and gives the lines that it prints; end waits for it after its context ended.
func start(t *testing.T, args ...string) (lines *bufio.Scanner, end func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, args, w, io.Discard)
		w.CloseWithError(err)
		done <- err
	}()
	return bufio.NewScanner(r), func() error { cancel(); return <-done }
}

func TestTheFirstLineSaysWhereItListens(t *testing.T) {
	lines, end := start(t, "--user", "alice:s/cret")
	if !lines.Scan() {
		t.Fatal(lines.Err())
	}
	rest, ok := strings.CutPrefix(lines.Text(), "listening on ")
	u, err := url.Parse(rest)
	if !ok || err != nil || u.Scheme != "iris" || u.User.Username() != "alice" || u.Path != "/USER" || u.Hostname() != "127.0.0.1" {
		t.Fatalf("%q, %v", lines.Text(), err)
	}
	if password, _ := u.User.Password(); password != "s/cret" {
		t.Errorf("password %q", password)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := end(); err != nil {
		t.Error(err)
	}
	if n, err := c.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes from a server that has ended", n)
	}
}

func TestTheSecondLineSaysWhereTheCertificateIs(t *testing.T) {
	lines, end := start(t, "--tls")
	lines.Scan()
	if !strings.HasSuffix(lines.Text(), "/USER?tls=on") {
		t.Errorf("%q", lines.Text())
	}
	if !lines.Scan() {
		t.Fatal(lines.Err())
	}
	path, _ := strings.CutPrefix(lines.Text(), "certificate in ")
	if pem, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(pem), "-----BEGIN CERTIFICATE-----") {
		t.Errorf("%q, %v", pem, err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the certificate is still there")
	}
}

func TestWhatCannotBeMeantIsRefused(t *testing.T) {
	for _, args := range [][]string{{"--user", "alice"}, {"--user", "a:b:c"}, {"--batch", "maybe"}, {"extra"}, {"--nonsense"},
		{"--8-bit", "--locale", "KLINGON"}, {"--addr", "256.0.0.1:1"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}

func TestHelpHasExamples(t *testing.T) {
	var help strings.Builder
	if err := run(t.Context(), []string{"--help"}, io.Discard, &help); err == nil || !strings.Contains(help.String(), "iristest --addr 127.0.0.1:1972 --tls") {
		t.Errorf("%v\n%s", err, help.String())
	}
}
