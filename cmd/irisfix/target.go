package main

import (
	"context"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/discover"
	"github.com/irisfix/irisfix/loader/sqlite"
)

// targetFlags say which database is meant.
type targetFlags struct {
	text, namespace string
	passwordStdin   bool
}

func (t *targetFlags) add(cmd *cobra.Command, name, usage string) {
	f := cmd.Flags()
	f.StringVar(&t.text, name, "", usage+" (default IRISFIX_TARGET, else InterSystems IRIS)")
	f.StringVar(&t.namespace, "namespace", "", "namespace, instead of the one in the URL (InterSystems IRIS)")
	f.BoolVar(&t.passwordStdin, "password-stdin", false, "read the password from standard input (InterSystems IRIS)")
}

// place is a TARGET argument.
type place struct {
	kind  string // sqlite, dir or iris
	path  string
	text  string // for messages, without password
	given []discover.Given
}

// place reads the flags of a target, of which flag has the TARGET.
func (a *app) place(flag string, t targetFlags) (place, error) {
	p, err := a.parseTarget(flag, t.text)
	if err != nil {
		return p, err
	}
	if p.kind != "iris" && (t.namespace != "" || t.passwordStdin) {
		return p, &usageError{"only InterSystems IRIS has namespaces and passwords"}
	}
	if t.namespace != "" {
		p.given = append([]discover.Given{{From: "--namespace", URL: discover.URL{Namespace: t.namespace}}}, p.given...)
	}
	if t.passwordStdin {
		secret, err := a.password(true)
		if err != nil {
			return p, err
		}
		p.given = append([]discover.Given{{From: "--password-stdin", URL: discover.URL{Password: discover.Secret(secret)}}}, p.given...)
	}
	return p, nil
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
	return place{}, &usageError{"not a target: " + redactTarget(arg) + " (use iris://USER@HOST/NAMESPACE, sqlite:PATH, or dir:PATH for a database fixture)"}
}

// userInfo is the user and the password of a URL.
var userInfo = regexp.MustCompile(`((?:^iris:|//)[^/@:\s]*):.*@`)

// redactTarget takes the password out of a URL, also out of a mistyped one that no parser would take.
func redactTarget(arg string) string { return userInfo.ReplaceAllString(arg, "$1:xxxxx@") }

// source opens a database for taking tables out of it.
func (a *app) source(ctx context.Context, p place) (loader.Source, io.Closer, error) {
	switch p.kind {
	case "sqlite":
		s, err := sqlite.OpenSource(ctx, p.path)
		return s, s, err
	case "iris":
		cfg, err := a.irisConfig(ctx, p)
		if err != nil {
			return nil, nil, err
		}
		s, err := iris.OpenSource(ctx, cfg)
		return s, s, err
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
		cfg, err := a.irisConfig(ctx, p)
		if err != nil {
			return nil, nil, err
		}
		t, err := iris.OpenTarget(ctx, cfg)
		if err != nil {
			return nil, nil, err
		}
		for _, x := range t.Cleaned() {
			a.warn(x.Subject, x.Message)
		}
		return t, t, nil
	}
	return nil, nil, &usageError{p.text + " takes database fixtures only; load tables with --to sqlite:PATH or --to iris://USER@HOST/NAMESPACE"}
}
