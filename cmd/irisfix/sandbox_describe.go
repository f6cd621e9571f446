package main

import (
	"encoding/json"
	"errors"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/sandbox"
)

// sandboxJSON is a sandbox as a test framework needs it. The password is not in it: who asks has it.
type sandboxJSON struct {
	Name      string               `json:"name"`
	Target    string               `json:"target"`
	Path      string               `json:"path"`
	Host      string               `json:"host,omitempty"`
	Port      int                  `json:"port,omitempty"`
	User      string               `json:"user,omitempty"`
	TLS       string               `json:"tls,omitempty"` // on, off or skip-verify
	CA        string               `json:"ca,omitempty"`
	Namespace string               `json:"namespace"`
	Schemas   map[string]string    `json:"schemas"`
	Kept      bool                 `json:"kept"`
	Fixtures  []sandboxFixtureJSON `json:"fixtures"`
	Template  string               `json:"template"`
	Elapsed   float64              `json:"elapsed_seconds"`
}

type sandboxFixtureJSON struct {
	Name      string             `json:"name"`
	FixtureID string             `json:"fixture_id"`
	Version   string             `json:"version"`
	Digest    string             `json:"digest"`
	Reference string             `json:"reference"`
	Dir       string             `json:"dir"`
	Manifest  json.RawMessage    `json:"manifest"`
	Tables    []sandboxTableJSON `json:"tables"`
}

type sandboxTableJSON struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

// describe is a sandbox that was opened.
func (s *sandboxes) describe(b *sandbox.Sandbox, took time.Duration) *sandboxJSON {
	j := &sandboxJSON{
		Name: b.Name, Target: b.Target, Path: b.Path, Namespace: b.Namespace, Schemas: map[string]string{}, Kept: b.Kept(),
		Fixtures: []sandboxFixtureJSON{}, Template: string(b.Template), Elapsed: seconds(took),
	}
	for from, to := range b.Schemas {
		j.Schemas[from] = to
	}
	if s.tls != "" {
		host, port, err := net.SplitHostPort(b.Server.Address)
		if err != nil {
			host = b.Server.Address
		}
		j.Host, j.User, j.TLS, j.CA = host, b.Server.User, s.tls, s.ca
		j.Port, _ = strconv.Atoi(port) // of an address that was connected to
	}
	for _, f := range b.Fixtures {
		j.Fixtures = append(j.Fixtures, describeFixture(f))
	}
	return j
}

func describeFixture(f sandbox.Fixture) sandboxFixtureJSON {
	j := sandboxFixtureJSON{
		Name: f.Name, FixtureID: f.Manifest.FixtureID, Version: f.Manifest.Version, Digest: f.Digest.String(),
		Reference: f.Reference(), Dir: absolute(f.Location.Dir), Manifest: f.Raw, Tables: []sandboxTableJSON{},
	}
	for _, file := range f.Manifest.Files() {
		j.Tables = append(j.Tables, sandboxTableJSON{file.Table, file.Rows})
	}
	return j
}

// absolute is a path for a process with another working directory.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil && path != "" {
		return abs
	}
	return path
}

// explain is an error in the words that the command has for it which does by hand what was asked for.
func (s *sandboxes) explain(err error, r *request) *explain.ErrorJSON {
	arg, command, flags := "", "", []string(nil)
	switch {
	case r.open != nil && len(r.open.fixtures) > 0:
		arg, command, flags = r.open.fixtures[0], "load", []string{"--to", s.to}
	case r.fetch != nil && len(r.fetch.fixtures) > 0:
		arg, command = r.fetch.fixtures[0], "pull"
	case r.place != nil:
		arg, command, flags = r.place.fixture, "pull", []string{"--output", r.place.dir}
	}
	if one, ok := errors.AsType[*sandbox.FixtureError](err); ok {
		arg = one.Argument
	}
	in := s.invocation(err)
	if command != "" && explain.ClassOf(err).Code != usageCode {
		in = invoked(command, []string{arg}, slices.Concat([]string{command, arg}, flags, s.flags))
	}
	object := explain.Error(err, in).JSON()
	return &object
}

// usageCode is that of requests that make no sense: the words for them are those of this command.
const usageCode = 64
