package faultproxy_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/internal/faultproxy"
)

func TestWhatAClientLeavesInTheKernelIsCounted(t *testing.T) {
	p := faultproxy.New(t, alphabet, faultproxy.Options{})
	conn, err := net.Dial("tcp", p.Host())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	if n := p.Untaken(); n != 0 {
		t.Fatalf("%d bytes before anything was asked", n)
	}
	fmt.Fprint(conn, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
	head := ""
	for b := make([]byte, 1); !strings.HasSuffix(head, "\r\n\r\n"); head += string(b) {
		if _, err := conn.Read(b); err != nil {
			t.Fatal(err)
		}
	}
	for p.Untaken() < int64(len(letters)) { // the body is on its way
		time.Sleep(time.Millisecond)
	}
	if n := p.Untaken(); n != int64(len(letters)) {
		t.Errorf("%d bytes of %d", n, len(letters))
	}
	if rest, err := io.ReadAll(io.LimitReader(conn, int64(len(letters)))); err != nil || string(rest) != letters {
		t.Errorf("%d bytes, %v", len(rest), err)
	}
	if n := p.Untaken(); n != 0 {
		t.Errorf("%d bytes after all were taken", n)
	}
}
