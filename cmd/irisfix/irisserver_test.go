package main

import (
	"errors"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/irisfix/irisfix/loader/iris/iristest"
)

// serverKinds are servers that scripts ask for by name.
var serverKinds = map[string]func(*iristest.Options){
	"plain":     func(*iristest.Options) {},
	"tls":       func(o *iristest.Options) { o.TLS = true },
	"community": func(o *iristest.Options) { o.Connections = 1 },
}

// irisServer is the command `irisserver KIND`: a server of InterSystems IRIS's protocol, which ends with the script. $IRIS
// is its URL without query, $IRIS_PORT its port, ca.pem its certificate.
func irisServer(ts *testscript.TestScript, _ bool, args []string) {
	var o iristest.Options
	serverKinds[args[0]](&o)
	s, err := iristest.Start(o)
	ts.Check(err)
	ts.Defer(func() { s.Close() })
	u, err := url.Parse(s.URL())
	ts.Check(err)
	u.RawQuery = ""
	ts.Setenv("IRIS", u.String())
	ts.Setenv("IRIS_PORT", u.Port())
	if o.TLS {
		ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), s.RootsPEM(), 0o644))
	}
}

// masked is the command `masked FILE`: it writes what was printed last to FILE, out.masked or err.masked, with the port
// of the server that the script talks to as 1972.
func masked(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		stream, _, _ := strings.Cut(name, ".")
		text := ts.ReadFile("std" + stream)
		if _, err := strconv.Atoi(ts.Getenv("IRIS_PORT")); err != nil {
			ts.Check(errors.New("no server runs"))
		}
		text = strings.ReplaceAll(text, "127.0.0.1:"+ts.Getenv("IRIS_PORT"), "127.0.0.1:1972")
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}
