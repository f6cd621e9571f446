// Command judge speaks to an IRIS server through go-irisnative ("native") or through irisfix's own client ("own"):
//
//	judge native|own DIRECTORY URL login|write|read|scenario [SCHEMA [TABLES]]
//
// The directory has values.txt and scenario.txt. It fails with what differs.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// judge is what both interfaces have in common. A value is nil or in the form of values.txt: a string, or []byte of
// binary data.
type judge interface {
	exec(ctx context.Context, sql string, args ...any) (int64, error)
	query(ctx context.Context, t *table, sql string) ([][]any, error) // t: of the second column; nil: all as text
	argument(t table, v any) any                                      // for the type of a table, as a program would have it
	insert(ctx context.Context, t table, sql string, n int, v any) error
	autocommit(ctx context.Context, on bool) error // false begins a transaction
	commit(ctx context.Context) error
	rollback(ctx context.Context) error
	code(err error) int // SQLCODE, positive
	close() error
}

// open connects; what is wrong with the URL or its login is an error here.
type open func(ctx context.Context, url string) (judge, error)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	connect, ok := map[string]open{"native": openNative, "own": openOwn}[args[0]]
	if !ok || len(args) < 4 {
		return fmt.Errorf("what is %q", args)
	}
	directory, url, rest := args[1], args[2], args[4:]
	if args[3] == "login" {
		return login(ctx, connect, url)
	}
	tables, err := tablesOf(filepath.Join(directory, "values.txt"), rest[1:])
	if err != nil {
		return err
	}
	j, err := connect(ctx, url)
	if err != nil {
		return err
	}
	defer j.close() //nolint:errcheck // the program ends
	switch args[3] {
	case "write":
		return write(ctx, j, rest[0], tables)
	case "read":
		return read(ctx, j, rest[0], tables)
	case "scenario":
		return play(ctx, j, connect, url, rest[0], filepath.Join(directory, "scenario.txt"))
	}
	return fmt.Errorf("what is %q", args[3])
}
