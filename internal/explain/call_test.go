package explain

import (
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/workspace"
)

// A call is advised in code; what no option of it stands for is not advised.
func TestAdviceForACall(t *testing.T) {
	in := Invocation{Command: "load", Args: []string{"orders"}, Typed: []string{"go", "test"}, Call: &Call{
		Name: "fixturetest.SQLite", Help: "go doc fixturetest", Code: func(args []string, flag string) string {
			if flag == "--replace" {
				return ""
			}
			return fmt.Sprint("SQLite(", args[0], " ", flag, ")")
		}}}
	for _, c := range []struct {
		err  error
		want []string
	}{
		{&workspace.NotFoundError{Argument: "orders", Nearest: []string{"order"}}, []string{
			"Use the name that is pinned: SQLite(order )", "Pin a fixture under that name: irisfix pin orders REGISTRY/REPOSITORY:TAG", "Or name a directory, with its path: SQLite(./DIR )"}},
		{&cache.PlaceError{}, []string{"Name one: SQLite(orders --cache-dir DIR)", "Or for all commands: export IRISFIX_CACHE_DIR=DIR"}},
		{&registry.NetworkError{Host: "ghcr.io", Err: untrusted.Err}, []string{"Name the authority's certificate: SQLite(orders --ca-file ca.pem)", "See what else is wrong: irisfix doctor ghcr.io"}},
		{&bundle.OccupiedError{Path: "x", Reason: "it is there"}, []string{"Name another directory"}},
		{&loader.ConnectError{Target: "iris://db/USER", Err: &client.LoginError{Code: -98, Text: "License violation"}}, []string{
			"Run fewer tests at once: the Community Edition allows 8 connections: go test -parallel 4", "See where each setting comes from: irisfix doctor iris://db/USER"}},
		{&loader.ConnectError{Target: "iris://db/USER", Err: refused}, []string{
			"Start the server, or name the database: export IRISFIX_TARGET=iris://USER@HOST:PORT/NAMESPACE", "See where each setting comes from: irisfix doctor iris://db/USER"}},
		{&DeadlineError{}, []string{"Allow them more: go test -timeout 1h"}},
		{&registry.ReferenceError{}, []string{"A reference is REGISTRY/REPOSITORY:TAG, such as: ghcr.io/acme/orders:1.0.0", "See how it is used: go doc fixturetest"}},
		{&fs.PathError{Op: "write", Path: "/x", Err: fs.ErrClosed}, []string{"Mend that, and try again: go test"}},
	} {
		if got := Lines(Error(c.err, in).Fix); !slices.Equal(got, c.want) {
			t.Errorf("%T: %q, want %q", c.err, got, c.want)
		}
	}
}

// git-lfs starts the agent, and takes none of its flags.
func TestAdviceForAnAgent(t *testing.T) {
	in := Invocation{Command: "lfs agent", Args: []string{"ghcr.io/acme/lfs"}, Typed: []string{"git", "lfs", "fetch"}}
	for _, c := range []struct {
		err  error
		want []string
	}{
		{&cache.PlaceError{}, []string{"Name one: irisfix lfs agent --install ghcr.io/acme/lfs --cache-dir DIR", "Or for all commands: export IRISFIX_CACHE_DIR=DIR"}},
		{&registry.NetworkError{Host: "ghcr.io", Err: untrusted.Err}, []string{
			"Name the authority's certificate: irisfix lfs agent --install ghcr.io/acme/lfs --ca-file ca.pem", "See what else is wrong: irisfix doctor ghcr.io"}},
		{&fs.PathError{Op: "write", Path: "/x", Err: fs.ErrClosed}, []string{"Mend that, and try again: git lfs fetch"}},
	} {
		if got := Lines(Error(c.err, in).Fix); !slices.Equal(got, c.want) {
			t.Errorf("%T: %q, want %q", c.err, got, c.want)
		}
	}
}
