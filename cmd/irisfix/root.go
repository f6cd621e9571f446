package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/registry"
)

// usageError reports a command line that makes no sense.
func usageError(reason string) error { return &settings.UsageError{Reason: reason} }

// notAName refuses a name that neither a fixture nor a pin can have.
func notAName(name string) error {
	return usageError(strconv.Quote(name) + " is not a name: letters, digits, dot, underscore and hyphen, at most 128")
}

const longHelp = `irisfix keeps test fixtures for databases in OCI registries instead of Git LFS.

Take tables out of a database once, push them to any registry, pin them by digest in
irisfix.lock, and load exactly those bytes in every test run: verified, all tables or none,
offline if need be.`

const rootExample = `  irisfix demo
  irisfix create --name orders --output fixtures/orders --from sqlite:app.db
  irisfix push fixtures/orders ghcr.io/acme/fixtures/orders:1.0.0 --pin orders
  irisfix load orders --to sqlite:test.db`

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use: "irisfix", Short: "Test fixtures for databases, kept in any OCI registry", Long: longHelp, Example: rootExample,
		SilenceErrors: true, SilenceUsage: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		a.at(cmd)
		return usageError(err.Error())
	})
	f := root.PersistentFlags()
	f.BoolVar(&a.json, "json", false, "print one JSON object instead of text")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no progress and no warnings")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "tell more of what is done and of what went wrong")
	f.StringVar(&a.progress, "progress", "auto", "how progress is shown: auto, tty, plain, json or none")
	f.BoolVar(&a.noColor, "no-color", false, "no colour (also NO_COLOR)")
	f.BoolVar(&a.offline, "offline", false, "never touch a network (also IRISFIX_OFFLINE=1)")
	f.BoolVar(&a.frozen, "frozen", false, "use only what is pinned, change no pin (also IRISFIX_FROZEN=1)")
	f.StringVar(&a.cacheDir, "cache-dir", "", "the cache (default IRISFIX_CACHE_DIR, or the user's cache directory)")
	f.StringVar(&a.lockFile, "lock-file", "", "the lock file (default irisfix.lock here or above)")
	f.BoolVar(&a.plainHTTP, "plain-http", false, "speak http with registries on other machines too")
	f.StringVar(&a.caFile, "ca-file", "", "PEM file of a certificate authority to trust besides the system's")
	f.IntVar(&a.concurrency, "concurrency", registry.DefaultConcurrency, "large transfers under way at once")
	f.DurationVar(&a.retryMaxWait, "retry-max-wait", registry.DefaultMaxWait, "longest wait before a request is repeated")
	root.AddGroup(&cobra.Group{ID: "fixture", Title: "Fixtures:"}, &cobra.Group{ID: "registry", Title: "Registries:"}, &cobra.Group{ID: "here", Title: "This machine:"})
	for _, c := range []struct {
		group string
		new   func(*app) *cobra.Command
	}{
		{"fixture", newCreate}, {"fixture", newValidate}, {"fixture", newLoad}, {"fixture", newUnload}, {"fixture", newList},
		{"fixture", newInfo}, {"fixture", newDiff}, {"fixture", newDigest},
		{"registry", newPush}, {"registry", newPull}, {"registry", newCopy}, {"registry", newPin}, {"registry", newUnpin},
		{"registry", newLogin}, {"registry", newLogout}, {"registry", newServe}, {"registry", newLFS},
		{"here", newSandbox}, {"here", newCache}, {"here", newDoctor}, {"here", newDemo}, {"here", newManual}, {"here", newVersion}, {"", newExitCodes},
	} {
		cmd := c.new(a)
		cmd.GroupID = c.group
		root.AddCommand(cmd)
	}
	root.SetHelpCommandGroupID("here")
	root.SetCompletionCommandGroupID("here")
	return root
}

// unknownCommand names the command that may have been meant.
func unknownCommand(cmd *cobra.Command, name string) error {
	reason := fmt.Sprintf("there is no command %q", name)
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		reason += ", did you mean " + strings.Join(near, " or ") + "?"
	}
	return usageError(reason)
}

// new makes a command that is told when its command line was understood.
func (a *app) new(use, short, long, example string, args cobra.PositionalArgs, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: long, Example: example,
		Args: func(cmd *cobra.Command, list []string) error {
			a.at(cmd)
			return args(cmd, list)
		},
		RunE: func(cmd *cobra.Command, list []string) error {
			if err := a.begin(cmd, list); err != nil {
				return err
			}
			return run(cmd, list)
		},
	}
}

// exactly wants so many arguments and says which.
func exactly(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usageError("missing argument " + strings.Join(names[len(args):], " "))
		case len(args) > len(names):
			return usageError(fmt.Sprintf("unexpected argument %q", args[len(names)]))
		}
		return nil
	}
}

// upTo allows at most so many arguments.
func upTo(n int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > n {
			return usageError(fmt.Sprintf("unexpected argument %q", args[n]))
		}
		return nil
	}
}

// fixtureArgument lets --fixture stand in for the argument of a command.
func (a *app) fixtureArgument(cmd *cobra.Command) {
	path := cmd.Flags().String("fixture", "", "the fixture, instead of the argument")
	run := cmd.RunE
	cmd.Args = func(c *cobra.Command, args []string) error {
		a.at(c)
		switch {
		case *path == "":
			return exactly("FIXTURE")(c, args)
		case len(args) > 0:
			return usageError("either --fixture or an argument, not both")
		}
		return nil
	}
	cmd.RunE = func(c *cobra.Command, args []string) error {
		if *path != "" {
			args = []string{*path}
		}
		return run(c, args)
	}
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
