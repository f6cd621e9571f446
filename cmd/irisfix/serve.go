package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/registry/server"
)

func newServe(a *app) *cobra.Command {
	var addr, dir string
	cmd := a.new("serve", "Run a registry on this machine",
		`Runs an OCI registry that keeps everything in a directory: for trying out, for tests, for a team
behind a firewall. It has no authentication and listens on this machine only unless told otherwise.
The first line that it prints is the address; it ends with Ctrl-C.`,
		`  irisfix serve
  irisfix serve --addr 127.0.0.1:0 --dir registry`,
		exactly(), func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), addr, dir) })
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:5000", "address to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&dir, "dir", "", "where to keep everything (default: registry/ in the cache)")
	return cmd
}

func (a *app) serve(ctx context.Context, addr, dir string) error {
	if _, err := net.ResolveTCPAddr("tcp", addr); err != nil {
		return usageError(fmt.Sprintf("not an address to listen on: %q (use HOST:PORT, such as 127.0.0.1:5000)", addr))
	}
	if dir == "" {
		if dir = a.around.CacheDir(a.cacheDir); dir == "" {
			return usageError("there is no place for a cache: name a directory with --dir")
		}
		dir = filepath.Join(dir, "registry")
	}
	s, err := server.New(ctx, dir)
	if err != nil {
		return err
	}
	s.Report = func(err error) { a.meter.note("warning: %v", err) }
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	a.data("listening on http://%s", l.Addr())
	if host, _, err := net.SplitHostPort(l.Addr().String()); err == nil && !net.ParseIP(host).IsLoopback() {
		a.meter.note("warning: there is no authentication: everybody who reaches %s can read, write and delete", l.Addr())
	}
	return errors.Join(s.Serve(ctx, l), s.Close())
}
