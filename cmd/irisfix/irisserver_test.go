package main

import (
	"net/url"
	"os"
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/irisfix/irisfix/loader/iris/iristest"
)

// serverKinds are servers that scripts ask for by name.
var serverKinds = map[string]func(*iristest.Options){
	"plain":     func(*iristest.Options) {},
	"tls":       func(o *iristest.Options) { o.TLS = true },
	"community": func(o *iristest.Options) { o.Connections = 1 },
	"accounts": func(o *iristest.Options) {
		o.Users = []iristest.User{iristest.DefaultUser, {Name: "plain", Password: "canary", TablesOnly: true}}
	},
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

// masked is the command `masked out|err...`: what was printed last goes into the files out and err, with the port of the
// script's server as 1972.
func masked(ts *testscript.TestScript, _ bool, args []string) {
	port := regexp.MustCompile(`\b` + ts.Getenv("IRIS_PORT") + `\b`)
	for _, stream := range args {
		text := port.ReplaceAllString(ts.ReadFile("std"+stream), "1972")
		ts.Check(os.WriteFile(ts.MkAbs(stream), []byte(text), 0o644))
	}
}
