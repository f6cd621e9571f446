package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os/exec"
	"strings"
	"time"

	"github.com/irisfix/irisfix/loader/iris/discover"
)

// server finds the InterSystems IRIS that a target means, or that is meant where no target is named.
func (a *app) server(ctx context.Context, p place) (*discover.Server, error) {
	s, err := discover.Find(ctx, p.given, a.env, a.runOnce)
	var setting *discover.SettingError
	var several *discover.AmbiguousError
	switch {
	case errors.As(err, &setting):
		return nil, &usageError{setting.Error()}
	case errors.As(err, &several):
		return nil, &severalError{several}
	}
	return s, err
}

// severalError is that of a command line, which should have said which server is meant.
type severalError struct{ *discover.AmbiguousError }

func (e *severalError) class() *class { return classOf(&usageError{}) }

func (e *severalError) explain(in invocation) explanation {
	return explanation{subject: "irisfix " + in.command, what: []string{e.text()}, fix: []step{e.advice()}}
}

func (e *severalError) text() string {
	var list []string
	for _, f := range e.Found {
		list = append(list, net.JoinHostPort(f.Host, f.Port)+" from "+f.From)
	}
	return "no database is named, and several InterSystems IRIS run here: " + strings.Join(list, "; ")
}

func (e *severalError) advice() step {
	return step{"Name one by its URL, here or for all commands", "export IRISFIX_TARGET=iris://" + net.JoinHostPort(e.Found[0].Host, e.Found[0].Port) + "/" + discover.DefaultNamespace}
}

// checkServer tells of each setting where it came from, and whether it is any more than the defaults: who uses SQLite has
// no server. The password itself is not told.
func (d *doctor) checkServer(arg string) bool {
	p, err := d.parseTarget(d.from, arg)
	var s *discover.Server
	if err == nil {
		s, err = d.server(d.ctx, p)
	}
	if several, ok := as[*severalError](err); ok { // it does no harm to a user who names what is meant
		d.checks = append(d.checks, check{name: "iris", detail: several.text(), advice: []step{several.advice()}})
		return false
	} else if err != nil {
		d.check("iris", func() (string, error) { return "", err })
		return false
	}
	for _, l := range s.Lookups {
		d.tell(l.Command, lookupText(l))
	}
	d.tell("iris host", valueText(s.Host))
	d.tell("iris port", valueText(s.Port))
	d.tell("iris namespace", valueText(s.Namespace))
	d.tell("iris user", valueText(s.User))
	d.tell("iris password", fromText(s.PasswordFrom))
	d.tell("iris tls", valueText(s.TLS))
	if s.CA.Text != "" {
		d.tell("iris ca", valueText(s.CA))
	}
	return s.Host.From != discover.Default || s.Port.From != discover.Default
}

// tell adds what is neither right nor wrong.
func (d *doctor) tell(name, detail string) {
	d.check(name, func() (string, error) { return detail, nil })
}

func valueText(v discover.Value) string { return v.Text + ", " + fromText(v.From) }

func fromText(from string) string {
	if from == discover.Default {
		return "the default"
	}
	return "from " + from
}

func lookupText(l discover.Lookup) string {
	switch {
	case errors.Is(l.Err, exec.ErrNotFound):
		return "not installed here"
	case l.Err != nil:
		return "says nothing: " + l.Err.Error()
	case len(l.Servers) == 0:
		return "no server runs here"
	}
	var list []string
	for _, f := range l.Servers {
		list = append(list, net.JoinHostPort(f.Host, f.Port))
	}
	return strings.Join(list, ", ")
}

// printed is what a program said.
type printed struct {
	out []byte
	err error
}

// runOnce runs a program unless this command has run it already, so that all of it means the same server.
func (a *app) runOnce(ctx context.Context, name string, args ...string) ([]byte, error) {
	line := strings.Join(append([]string{name}, args...), " ")
	said, ok := a.programs[line]
	if !ok {
		said.out, said.err = runProgram(ctx, name, args...)
		a.programs[line] = said
	}
	return said.out, said.err
}

// runProgram runs a program for what it prints.
func runProgram(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second // a grandchild may hold the output open
	out := &capped{}
	cmd.Stdout = out
	err := cmd.Run()
	if out.full {
		err = errTooMuch
	}
	return out.b.Bytes(), err
}

var errTooMuch = errors.New("it prints too much")

// maxPrinted is more than a list of servers has.
const maxPrinted = 1 << 20

// capped is a buffer that ends the program which would fill the memory with it. It is not embedded: copying would find
// the buffer's own way of reading, which has no limit.
type capped struct {
	b    bytes.Buffer
	full bool
}

func (c *capped) Write(p []byte) (int, error) {
	if c.full = c.full || c.b.Len()+len(p) > maxPrinted; c.full {
		return 0, errTooMuch
	}
	return c.b.Write(p)
}
