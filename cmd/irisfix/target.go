package main

import (
	"context"
	"io"
	"regexp"
	"strings"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/discover"
	"github.com/irisfix/irisfix/loader/sqlite"
)

// place is a TARGET argument.
type place struct {
	kind  string // sqlite, dir or iris
	path  string
	text  string // for messages, without password
	given []discover.Given
}

// parseTarget reads a TARGET: the argument of a flag, else IRISFIX_TARGET, else the IRIS that is found by [app.server].
func (a *app) parseTarget(from, arg string) (place, error) {
	if arg == "" {
		from, arg = "IRISFIX_TARGET", a.env("IRISFIX_TARGET")
	}
	if arg == "" {
		return place{kind: "iris", text: "InterSystems IRIS"}, nil
	}
	kind, path, found := strings.Cut(arg, ":")
	switch {
	case kind == "sqlite" && path == ":memory:":
		return place{}, &usageError{arg + " is a database in memory, which would be gone when irisfix ends; name a file, as in sqlite:test.db"}
	case kind == "sqlite" && (strings.HasPrefix(path, "//") || strings.HasPrefix(path, "file:")):
		return place{}, &usageError{arg + " is a URL; name the file after the colon, as in sqlite:test.db or sqlite:/tmp/test.db"}
	case found && path != "" && (kind == "sqlite" || kind == "dir"):
		return place{kind: kind, path: path, text: arg}, nil
	case kind == "iris" && found:
		u, err := discover.ParseURL(arg)
		if err != nil {
			return place{}, &usageError{redactTarget(arg) + ": " + err.Error() + " (iris://USER@HOST:1972/NAMESPACE)"}
		}
		return place{kind: kind, text: redactTarget(arg), given: []discover.Given{{From: from, URL: u}}}, nil
	}
	return place{}, &usageError{"not a target: " + redactTarget(arg) + " (use sqlite:PATH, or dir:PATH for a database fixture)"}
}

// userInfo is the user and the password of a URL.
var userInfo = regexp.MustCompile(`((?:^iris:|//)[^/@:\s]*):.*@`)

// redactTarget takes the password out of a URL, also out of a mistyped one that no parser would take.
func redactTarget(arg string) string { return userInfo.ReplaceAllString(arg, "$1:xxxxx@") }

// notYet says plainly what this version cannot do.
func (a *app) notYet(ctx context.Context, p place) error {
	s, err := a.server(ctx, p)
	if err != nil {
		return err
	}
	return &usageError{s.String() + ": this version of irisfix loads into SQLite only; InterSystems IRIS follows"}
}

// source opens a database for taking tables out of it.
func (a *app) source(ctx context.Context, arg string) (loader.Source, io.Closer, error) {
	p, err := a.parseTarget("--from", arg)
	if err != nil {
		return nil, nil, err
	}
	switch p.kind {
	case "sqlite":
		s, err := sqlite.OpenSource(ctx, p.path)
		return s, s, err
	case "iris":
		return nil, nil, a.notYet(ctx, p)
	}
	return nil, nil, &usageError{"tables cannot be taken from " + p.text + "; for a whole database file use --database FILE"}
}

// target opens a database for loading tables into it.
func (a *app) target(ctx context.Context, p place) (loader.Target, io.Closer, error) {
	switch p.kind {
	case "sqlite":
		t, err := sqlite.OpenTarget(ctx, p.path)
		return t, t, err
	case "iris":
		return nil, nil, a.notYet(ctx, p)
	}
	return nil, nil, &usageError{p.text + " takes database fixtures only; load tables with --to sqlite:PATH"}
}
