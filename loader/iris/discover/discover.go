// Package discover finds out which InterSystems IRIS is meant: from what was given, from the environment, and only if
// neither names a host or a port, from the servers of this machine. Each setting says where it came from. No server is
// spoken to.
package discover

import (
	"context"
	"fmt"
	"net"
	"net/url"
)

// The settings of a server that was just installed, or runs in a container.
const (
	DefaultHost      = "localhost"
	DefaultPort      = "1972" // of the superserver
	DefaultNamespace = "USER"
	DefaultUser      = "_SYSTEM"
	DefaultPassword  = "SYS"
)

// Default is the place that a setting comes from which nobody made.
const Default = "default"

// Value is a setting and where it came from: the name of a flag, of a variable, [Default], or what showed a server.
type Value struct{ Text, From string }

// Secret is a text that no format verb prints.
type Secret string

// String does not tell it, and neither do the others.
func (Secret) String() string               { return "xxxxx" }
func (Secret) GoString() string             { return "xxxxx" }
func (Secret) MarshalText() ([]byte, error) { return []byte("xxxxx"), nil }

// Server is how a server is reached.
type Server struct {
	Host, Port, Namespace, User Value
	Password                    Secret
	PasswordFrom                string
	TLS                         Value // off, on or skip-verify
	CA                          Value // a file with certificate authorities; empty: those of the system

	Lookups []Lookup // at the servers of this machine; empty if host or port was named
}

// String is the server as a target, without the password.
func (s *Server) String() string {
	u := url.URL{Scheme: "iris", User: url.User(s.User.Text), Host: net.JoinHostPort(s.Host.Text, s.Port.Text), Path: "/" + s.Namespace.Text}
	return u.String()
}

// Given is what somebody named. An empty setting was not.
type Given struct {
	From string // where: such as --to
	URL
}

// SettingError reports a variable whose value cannot be.
type SettingError struct{ Name, Value, Reason string }

func (e *SettingError) Error() string { return fmt.Sprintf("%s=%s: %s", e.Name, e.Value, e.Reason) }

// AmbiguousError reports several servers on this machine, none of which has the default port. Which one is meant cannot
// be told, and a load into the wrong one is not undone.
type AmbiguousError struct{ Found []Found }

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%d servers on this machine", len(e.Found))
}

// Find completes what was given, the first being the strongest, by the environment and by what runs on this machine.
// Host and port are taken from one place: the port of one server does not fit the host of another. The error is a
// [*SettingError], an [*AmbiguousError] or that of the context.
func Find(ctx context.Context, given []Given, env func(string) string, run Run) (*Server, error) {
	s := &Server{}
	if err := s.address(ctx, given, env, run); err != nil {
		return nil, err
	}
	pick := func(of func(URL) string, variable, otherwise string) Value {
		for _, g := range given {
			if v := of(g.URL); v != "" {
				return Value{v, g.From}
			}
		}
		if v := env(variable); variable != "" && v != "" {
			return Value{v, variable}
		}
		return Value{otherwise, Default}
	}
	s.Namespace = pick(func(u URL) string { return u.Namespace }, "IRIS_NAMESPACE", DefaultNamespace)
	s.User = pick(func(u URL) string { return u.User }, "IRIS_USERNAME", DefaultUser)
	s.TLS = pick(func(u URL) string { return u.TLS }, "", "off")
	s.CA = pick(func(u URL) string { return u.CA }, "", "")
	password := pick(func(u URL) string { return string(u.Password) }, "IRIS_PASSWORD", DefaultPassword)
	s.Password, s.PasswordFrom = Secret(password.Text), password.From
	return s, nil
}

// address finds host and port.
func (s *Server) address(ctx context.Context, given []Given, env func(string) string, run Run) error {
	for _, g := range given {
		if g.Host != "" || g.Port != "" {
			s.Host, s.Port = g.or(g.Host, DefaultHost), g.or(g.Port, DefaultPort)
			return nil
		}
	}
	name := "IRIS_HOST"
	if env(name) == "" {
		name = "IRIS_HOSTNAME"
	}
	host, port := env(name), env("IRIS_PORT")
	if host != "" && !validHost(host) {
		return &SettingError{name, host, "not a host"}
	}
	if port != "" && !validPort(port) {
		return &SettingError{"IRIS_PORT", port, "not a port"}
	}
	if host != "" || port != "" {
		s.Host, s.Port = Given{From: name}.or(host, DefaultHost), Given{From: "IRIS_PORT"}.or(port, DefaultPort)
		return nil
	}
	s.Lookups = lookAround(ctx, env, run)
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return s.choose()
}

// or is a setting of one place, or the default.
func (g Given) or(text, otherwise string) Value {
	if text == "" {
		return Value{otherwise, Default}
	}
	return Value{text, g.From}
}

// choose takes the server with the default port, or else the only one.
func (s *Server) choose() error {
	var all []Found
	seen := map[Found]bool{}
	for _, l := range s.Lookups {
		for _, f := range l.Servers {
			if f.Port == DefaultPort {
				s.Host, s.Port = Value{f.Host, f.From}, Value{f.Port, f.From}
				return nil
			}
			if key := (Found{Host: f.Host, Port: f.Port}); !seen[key] {
				seen[key] = true
				all = append(all, f)
			}
		}
	}
	if len(all) > 1 {
		return &AmbiguousError{all}
	}
	only := Found{DefaultHost, DefaultPort, Default}
	if len(all) == 1 {
		only = all[0]
	}
	s.Host, s.Port = Value{only.Host, only.From}, Value{only.Port, only.From}
	return nil
}
