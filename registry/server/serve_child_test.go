package server_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/irisfix/irisfix/registry/server"
)

// serveVariable makes the test binary a registry over the directory that it names, so that a test can kill one and the
// conformance suite can run against one.
const serveVariable = "IRISFIX_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveVariable); dir != "" {
		if err := serveUntilSignalled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func serveUntilSignalled(dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := server.New(ctx, dir)
	if err != nil {
		return err
	}
	defer s.Close()
	s.Report = func(err error) { fmt.Fprintln(os.Stderr, err) }
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", l.Addr())
	return s.Serve(ctx, l)
}
