package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/iristest"
)

const usage = `iristest is a server for tests that speaks the protocol of InterSystems IRIS.

It prints where it listens as its first line, keeps everything in memory, and ends on an interrupt or SIGTERM.

  iristest                                        a free port; user _SYSTEM, password SYS, namespace USER
  iristest --addr 127.0.0.1:1972 --tls            TLS; the second line says where the certificate is
  iristest --user alice:secret --user bob:x:change-password
  iristest --connections 8 --page-rows 2 --fragment 5
  iristest --locale CP1251 --8-bit

Flags:
`

// parse reads the command line. roots is where the certificate is to be written.
func parse(args []string, stderr io.Writer) (o iristest.Options, roots string, err error) {
	f := flag.NewFlagSet("iristest", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() { fmt.Fprint(stderr, usage); f.PrintDefaults() }
	f.StringVar(&o.Addr, "addr", "127.0.0.1:0", "host:port to listen on")
	f.BoolVar(&o.TLS, "tls", false, "speak TLS, with a certificate made for this run")
	f.StringVar(&roots, "ca", "", "write the certificate to this file (default: a temporary one)")
	f.Func("user", "name:password, or name:password:change-password, name:password:disabled or name:password:tables-only; may be repeated", func(v string) error {
		u, err := parseUser(v)
		o.Users = append(o.Users, u)
		return err
	})
	f.IntVar(&o.Connections, "connections", 0, "how many may be logged in at once; 8 is the free licence, 0 no limit")
	f.IntVar(&o.PageRows, "page-rows", 0, "rows in a message at most; 0 for 32 KiB")
	f.IntVar(&o.Fragment, "fragment", 0, "bytes of a reply after which another message continues it; 0 for never")
	f.StringVar(&o.Locale, "locale", "UNICODE", "locale that clients are told")
	f.BoolVar(&o.EightBit, "8-bit", false, "no Unicode server: text is in the code page of the locale")
	f.BoolVar(&o.PlainDoubles, "plain-doubles", false, "do not offer compact doubles")
	f.BoolVar(&o.LogicalDates, "logical-dates", false, "send dates and times as numbers (types 1091 to 1093)")
	f.BoolVar(&o.TextNumbers, "text-numbers", false, "send numbers as text")
	f.BoolVar(&o.LongItems, "long-items", false, "send values in longer forms than needed")
	f.Func("batch", "when a set of a batch fails: continue, stop or undo (default continue)", func(v string) error {
		o.Batch, err = parseBatch(v)
		return err
	})
	f.BoolVar(&o.Engine.MultiRowValues, "multi-row-values", false, "let INSERT have several rows of VALUES")
	f.BoolVar(&o.Engine.EarlyDates, "early-dates", false, "let every DATE be before 1840-12-31")
	f.StringVar(&o.Engine.Version, "version", "", "what the server says it is (default: a Community container of 2025.1)")
	if err := f.Parse(args); err != nil {
		return o, "", err
	}
	if f.NArg() > 0 {
		return o, "", fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	return o, roots, nil
}

func parseUser(v string) (iristest.User, error) {
	parts := strings.Split(v, ":")
	if len(parts) < 2 || len(parts) > 3 || parts[0] == "" {
		return iristest.User{}, fmt.Errorf("want name:password")
	}
	u := iristest.User{Name: parts[0], Password: parts[1]}
	if len(parts) == 2 {
		return u, nil
	}
	switch parts[2] {
	case "change-password":
		u.ChangePassword = true
	case "disabled":
		u.Disabled = true
	case "tables-only":
		u.TablesOnly = true
	default:
		return u, fmt.Errorf("want change-password, disabled or tables-only, not %q", parts[2])
	}
	return u, nil
}

func parseBatch(v string) (iristest.Batch, error) {
	switch v {
	case "continue":
		return iristest.BatchContinues, nil
	case "stop":
		return iristest.BatchStops, nil
	case "undo":
		return iristest.BatchUndoes, nil
	}
	return 0, fmt.Errorf("want continue, stop or undo")
}
