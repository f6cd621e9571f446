package main

import "github.com/spf13/cobra"

// oneOf is for commands that do nothing without one of the commands below them; names lists those.
func (a *app) oneOf(names string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		a.at(cmd)
		if len(args) > 0 {
			return unknownCommand(cmd, args[0])
		}
		return usageError("say which: " + names)
	}
}

// refuseUnknown makes help and completion, which cobra brings, refuse what they do not know like all other commands: they
// would print a help text instead, as a success, which is then in the file that was to hold a completion.
func (a *app) refuseUnknown(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil {
		help.Args = a.topic
	}
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		completion.Args = a.oneOf("bash, zsh, fish or powershell")
		completion.RunE = func(*cobra.Command, []string) error { return nil }
		for _, shell := range completion.Commands() {
			shell.Args = func(cmd *cobra.Command, args []string) error {
				a.at(cmd)
				return exactly()(cmd, args)
			}
		}
	}
}

// topic wants the words of a command.
func (a *app) topic(cmd *cobra.Command, args []string) error {
	found, rest, err := cmd.Root().Find(args)
	if err == nil && len(rest) > 0 {
		a.at(found)
		err = unknownCommand(found, rest[0])
	}
	return err
}
