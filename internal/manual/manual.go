// Package manual writes the pages of a tree of commands: man pages, and Markdown for people who read in a browser.
// The same tree gives the same bytes.
package manual

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Page is one file of a manual.
type Page struct {
	Name string // of the file, such as irisfix-load.1
	Data []byte
}

// list returns a command and all below it that users are told of.
func list(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range shown(cmd) {
		all = append(all, list(c)...)
	}
	return all
}

// shown are the commands and help topics directly below one.
func shown(cmd *cobra.Command) []*cobra.Command {
	var list []*cobra.Command
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() || c.Name() == "help" {
			list = append(list, c)
		}
	}
	return list
}

// synopsis is how a command is called; nothing for a help topic.
func synopsis(cmd *cobra.Command) string {
	switch {
	case cmd.HasAvailableSubCommands() && cmd.HasParent() && cmd.Runnable() && cmd.ValidateArgs(nil) == nil: // does something by itself
		return cmd.CommandPath() + " [COMMAND] [flags]"
	case cmd.HasAvailableSubCommands():
		return cmd.CommandPath() + " COMMAND [flags]"
	case cmd.Runnable():
		return cmd.UseLine()
	}
	return ""
}

// group is some of the commands below one, under a title.
type group struct {
	title    string
	commands []*cobra.Command
}

// groups are the commands below one as its help shows them, those that are in no group at the end.
func groups(cmd *cobra.Command) []group {
	var list []group
	rest := group{title: "Commands"}
	if len(cmd.Groups()) > 0 {
		rest.title = "Further topics"
	}
	for _, g := range cmd.Groups() {
		list = append(list, group{title: strings.TrimSuffix(g.Title, ":")})
	}
next:
	for _, c := range shown(cmd) {
		for i, g := range cmd.Groups() {
			if c.GroupID == g.ID {
				list[i].commands = append(list[i].commands, c)
				continue next
			}
		}
		rest.commands = append(rest.commands, c)
	}
	if len(rest.commands) > 0 {
		list = append(list, rest)
	}
	return list
}

// option is one flag.
type option struct {
	long, short string // without hyphens
	value       string // what stands for its value; empty for a switch
	usage       string
	initial     string // its value if it is not given; empty if that goes without saying
}

// options lists flags that users are told of. That every command has --help goes without saying.
func options(set *pflag.FlagSet) []option {
	var list []option
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" || f.Name == "help" {
			return
		}
		o := option{long: f.Name, short: f.Shorthand, initial: f.DefValue}
		o.value, o.usage = pflag.UnquoteUsage(f)
		o.value = strings.TrimSuffix(o.value, "Array")
		switch o.initial {
		case "false", "0", "0s", "[]":
			o.initial = ""
		}
		list = append(list, o)
	})
	return list
}

// block is a paragraph of a text, or lines that keep their shape.
type block struct {
	text   string
	shaped bool
}

// blocks parts a text into paragraphs, which end with an empty line, and indented parts, which have those too.
func blocks(text string) []block {
	var list []block
	gap := "" // what is between the line and the one before it
	for line := range strings.Lines(strings.ReplaceAll(text, "\t", "    ")) {
		line = strings.TrimRight(line, " \n")
		if line == "" {
			gap += "\n"
			continue
		}
		shaped := strings.HasPrefix(line, "  ")
		if !shaped {
			line = strings.TrimLeft(line, "# ") // cobra writes headings so
		}
		if last := len(list) - 1; last >= 0 && list[last].shaped == shaped && (shaped || gap == "") {
			list[last].text += "\n" + gap + line
		} else {
			list = append(list, block{line, shaped})
		}
		gap = ""
	}
	for i, b := range list {
		if b.shaped {
			list[i].text = dedent(b.text)
		}
	}
	return list
}

// dedent takes away what all lines are indented by.
func dedent(text string) string {
	lines := strings.Split(text, "\n")
	least := len(text)
	for _, line := range lines {
		if line != "" {
			least = min(least, len(line)-len(strings.TrimLeft(line, " ")))
		}
	}
	for i, line := range lines {
		lines[i] = line[min(least, len(line)):]
	}
	return strings.Join(lines, "\n")
}
