package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/discover"
	"github.com/irisfix/irisfix/loader/iris/live"
)

const usage = `live runs irisfix against the InterSystems IRIS that IRISFIX_TEST_IRIS names:

  IRISFIX_TEST_IRIS=iris://user:password@host:1972/NAMESPACE make live

The account must be allowed to make databases (%Admin_Manage). Everything happens in namespaces that are made for it,
IRISFIXLIVE1 and so on, and dropped; what an interrupted run leaves the next one drops. One run at a time on a server.

Flags:
`

type options struct {
	path string // of the report
	only []string
	wait time.Duration // for the server to answer
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	f := flag.NewFlagSet("live", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() { fmt.Fprint(stderr, usage); f.PrintDefaults() }
	f.StringVar(&o.path, "report", "live-report.md", "file for the report")
	f.DurationVar(&o.wait, "wait", 0, "how long to wait for a server that is starting")
	only := f.String("only", "questions,suite,judges", "what to run, with commas between")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.only = strings.Split(*only, ",")
	for _, part := range o.only {
		if part != "questions" && part != "suite" && part != "judges" {
			return o, fmt.Errorf("--only %s: there are questions, suite and judges", part)
		}
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	return o, nil
}

// configOf is how to reach the server. Nothing is looked for: only what was named is touched.
func configOf(ctx context.Context, text string) (client.Config, error) {
	if text == "" {
		return client.Config{}, errors.New("set " + variable + "=iris://user:password@host:port/NAMESPACE")
	}
	u, err := discover.ParseURL(text)
	if err != nil {
		return client.Config{}, fmt.Errorf("%s: %w", variable, err)
	}
	if u.Host == "" {
		return client.Config{}, errors.New(variable + " names no host")
	}
	found, err := discover.Find(ctx, []discover.Given{{From: variable, URL: u}}, func(string) string { return "" }, nil)
	if err != nil {
		return client.Config{}, err
	}
	var ca []byte
	if u.CA != "" {
		if ca, err = os.ReadFile(u.CA); err != nil {
			return client.Config{}, err
		}
	}
	return found.Config(ca)
}

// words says what to do about errors that are to be expected.
func words(err error) error {
	var refused *client.LoginError
	switch {
	case err == nil:
		return nil
	case live.MayNotMake(err):
		return fmt.Errorf("the account may not make namespaces, which takes %%Admin_Manage:USE; schemas in a namespace that is there would not do, since the probes change its options: %w", err)
	case errors.As(err, &refused) && refused.Reason() == client.PasswordExpired:
		return fmt.Errorf("the password must be changed first; in a container: iris session IRIS -U %%SYS '##class(Security.Users).UnExpireUserPasswords(\"*\")': %w", err)
	}
	return err
}

// revision is what of irisfix is run.
func revision(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--tags", "--always", "--dirty").Output()
	if err != nil {
		return "not known"
	}
	return strings.TrimSpace(string(out))
}
