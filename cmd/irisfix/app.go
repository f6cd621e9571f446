package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/workspace"
)

// globals are the flags that every command has.
type globals struct {
	json, quiet, verbose bool
	progress             string
	noColor              bool
	offline, frozen      bool
	cacheDir, lockFile   string
	plainHTTP            bool
	caFile               string
	concurrency          int
	retryMaxWait         time.Duration
}

// app is one run of the program.
type app struct {
	*console
	globals
	command string   // such as "load"
	args    []string // of the command
	raw     []string // everything that was typed
	meter   meter
	space   *workspace.Workspace
	began   time.Time
	around  *settings.Environment
}

func newApp(c *console, args []string) *app {
	return &app{console: c, raw: args, meter: silent{}, began: time.Now(), around: settings.New(c.env)}
}

// close ends what is open. It may be called any number of times.
func (a *app) close() {
	a.meter.close()
	if a.space != nil {
		a.space.Close()
		a.space = nil
	}
}

// at remembers which command it is, for messages.
func (a *app) at(cmd *cobra.Command) {
	a.command = strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()), " ")
}

// begin is called when the command line is understood. Errors before it are about usage.
func (a *app) begin(cmd *cobra.Command, args []string) error {
	a.args = args
	if err := notEmpty(cmd, args); err != nil {
		return err
	}
	for env, flag := range map[string]*bool{"IRISFIX_OFFLINE": &a.offline, "IRISFIX_FROZEN": &a.frozen} {
		on, err := a.around.Switch(env)
		if err != nil {
			return err
		}
		*flag = *flag || on
	}
	if a.concurrency < 1 {
		return usageError("--concurrency must be at least 1")
	}
	m, err := a.newMeter()
	a.meter = m
	return err
}

// notEmpty refuses what comes of a variable of the shell that is not set. Only a description may be empty.
func notEmpty(cmd *cobra.Command, args []string) (err error) {
	if slices.Contains(args, "") {
		return usageError("an argument is empty")
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" && f.Name != "description" {
			err = usageError("--" + f.Name + " is empty")
		}
	})
	return err
}

// workspace opens the workspace when a command first needs it.
func (a *app) workspace() (*workspace.Workspace, error) {
	if a.space != nil {
		return a.space, nil
	}
	options, err := a.registryOptions()
	if err != nil {
		return nil, err
	}
	home, _ := os.UserHomeDir()
	a.space, err = workspace.Open(workspace.Options{
		Dir: ".", Home: home, CacheDir: a.around.CacheDir(a.cacheDir), LockFile: a.lockFile, Frozen: a.frozen, Registry: options,
		Workers: max(a.concurrency, runtime.GOMAXPROCS(0)), Hashed: a.meter.hashed, Expect: a.meter.expect,
	})
	return a.space, err
}

func (a *app) registryOptions() (registry.Options, error) {
	o, err := a.around.Registry(a.caFile)
	o.PlainHTTP, o.Offline, o.Concurrency = a.plainHTTP, a.offline, a.concurrency
	o.UserAgent, o.Retry.MaxWait, o.Notify = "irisfix/"+version(), a.retryMaxWait, a.meter.registry
	return o, err
}

// data prints a line of the result. Everything else goes to the error stream.
func (a *app) data(format string, args ...any) {
	fmt.Fprintln(a.out, phrase.OneLine(fmt.Sprintf(format, args...)))
}

// warn tells something that the user should know and that stops nothing.
func (a *app) warn(subject, message string) { a.meter.note("warning: %s: %s", subject, message) }

// result prints the result: as one JSON object, or by text.
func (a *app) result(object any, text func()) error {
	a.meter.close()
	if !a.json {
		text()
		return nil
	}
	return writeJSON(a.out, object)
}

// writeJSON writes an object for programs and people.
func writeJSON(w io.Writer, object any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(object)
}

// writeJSONLine writes an object for who reads line by line.
func writeJSONLine(w io.Writer, object any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(object)
}

// schema is in every JSON object.
type schema struct {
	Schema int `json:"schema"`
}

var schema1 = schema{1}

// elapsed is the time since the program began.
func (a *app) elapsed() time.Duration { return time.Since(a.began) }
