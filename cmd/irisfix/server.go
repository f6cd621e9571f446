package main

import (
	"errors"
	"net"
	"os/exec"
	"strings"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/loader/iris/discover"
)

// checkServer tells of each setting where it came from, and whether it is any more than the defaults: who uses SQLite has
// no server. The password itself is not told.
func (d *doctor) checkServer(arg string) bool {
	p, err := d.around.Target(d.from, arg)
	var s *discover.Server
	if err == nil {
		s, err = d.around.Server(d.ctx, p)
	}
	if several, ok := errors.AsType[*discover.AmbiguousError](err); ok { // it does no harm to a user who names what is meant
		text, advice := explain.Several(several)
		d.checks = append(d.checks, check{name: "iris", detail: text, advice: []explain.Step{advice}})
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
