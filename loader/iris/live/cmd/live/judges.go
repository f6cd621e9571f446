package main

import (
	"context"
	"encoding/xml"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/live"
)

// judgesTest is the test of interop that the judges are in. Where the variable names a server, pytest leaves out all that
// cannot run on it (interop/conftest.py).
const judgesTest = "test_iris.py"

// judges lets drivers that nobody here wrote play their scenario in a namespace of its own.
func (s *session) judges(ctx context.Context) (r live.Run) {
	r = live.Run{Name: "judges"}
	if _, err := os.Stat(filepath.Join("interop", judgesTest)); err != nil {
		r.Err = err
		return r
	}
	cfg, err := s.server.Make(ctx)
	if err != nil {
		r.Err = words(err)
		return r
	}
	defer func() { r.Err = errors.Join(r.Err, s.server.Drop(context.WithoutCancel(ctx), cfg)) }()
	dir, err := os.MkdirTemp("", "irisfix-live-")
	if err != nil {
		r.Err = err
		return r
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a leftover of a few bytes
	results := filepath.Join(dir, "results.xml")
	for _, args := range [][]string{
		{"interop/install"},
		{".tools/venv/bin/python", "-m", "pytest", "-c", "interop/pytest.ini", "interop", "-v", "--junit-xml", results},
	} {
		cmd := s.command(ctx, urlOf(cfg, s.url), args[0], args[1:]...)
		cmd.Stdout = s.stdout
		if err = cmd.Run(); err != nil {
			break
		}
	}
	if bad := readResults(results, &r); bad != nil || len(r.Failures) == 0 {
		r.Err = errors.Join(err, bad)
	}
	return r
}

// urlOf is how judges are told where to go. Each part is written out, since they know no defaults.
func urlOf(cfg client.Config, text string) string {
	u := url.URL{Scheme: "iris", User: url.UserPassword(cfg.User, cfg.Password), Host: cfg.Address, Path: "/" + cfg.Namespace}
	_, u.RawQuery, _ = strings.Cut(text, "?")
	return u.String()
}

// results is what pytest writes: the form of JUnit.
type results struct {
	Cases []struct {
		Name    string    `xml:"name,attr"`
		Failure *struct{} `xml:"failure"`
		Error   *struct{} `xml:"error"`
		Skipped *struct{} `xml:"skipped"`
	} `xml:"testsuite>testcase"`
}

func readResults(path string, r *live.Run) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var all results
	if err := xml.Unmarshal(data, &all); err != nil {
		return err
	}
	for _, c := range all.Cases {
		switch {
		case c.Failure != nil || c.Error != nil:
			r.Failures = append(r.Failures, c.Name)
		case c.Skipped != nil:
			r.Skipped++
		default:
			r.Passed++
		}
	}
	return nil
}
