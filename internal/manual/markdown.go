package manual

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Markdown returns a page for each command of a tree. That of the root is README.md, which lists the others and the
// flags that all have; that of "irisfix cache list" is cache-list.md.
func Markdown(root *cobra.Command) []Page {
	var pages []Page
	for _, cmd := range list(root) {
		var b bytes.Buffer
		markdown(&b, cmd)
		pages = append(pages, Page{markdownName(cmd), b.Bytes()})
	}
	return pages
}

func markdownName(cmd *cobra.Command) string {
	_, below, found := strings.Cut(cmd.CommandPath(), " ")
	if !found {
		return "README.md"
	}
	return strings.ReplaceAll(below, " ", "-") + ".md"
}

func markdown(b *bytes.Buffer, cmd *cobra.Command) {
	title := cmd.CommandPath()
	if !cmd.Runnable() && !cmd.HasSubCommands() {
		title = cmd.Short
	}
	fmt.Fprintf(b, "<!-- Written by the program itself: irisfix manual --markdown. -->\n# %s\n", title)
	if s := synopsis(cmd); s != "" {
		fmt.Fprintf(b, "\n%s.\n\n```text\n%s\n```\n", prose.Replace(cmd.Short), s)
	}
	for _, p := range blocks(cmd.Long) {
		if p.shaped {
			fmt.Fprintf(b, "\n```text\n%s\n```\n", p.text)
		} else {
			fmt.Fprintf(b, "\n%s\n", prose.Replace(p.text))
		}
	}
	if cmd.Example != "" {
		fmt.Fprintf(b, "\n## Examples\n\n```sh\n%s\n```\n", dedent(strings.Trim(cmd.Example, "\n")))
	}
	for _, g := range groups(cmd) {
		fmt.Fprintf(b, "\n## %s\n\n| command | does |\n|---|---|\n", g.title)
		for _, c := range g.commands {
			fmt.Fprintf(b, "| [%s](%s) | %s |\n", c.CommandPath(), markdownName(c), prose.Replace(c.Short))
		}
	}
	markdownFlags(b, cmd)
	if cmd.HasParent() {
		fmt.Fprintf(b, "\nPart of [%s](%s).\n", cmd.Parent().CommandPath(), markdownName(cmd.Parent()))
	}
}

func markdownFlags(b *bytes.Buffer, cmd *cobra.Command) {
	title := "Flags"
	if !cmd.HasParent() {
		title = "Global flags"
	}
	if own := options(cmd.NonInheritedFlags()); len(own) > 0 {
		fmt.Fprintf(b, "\n## %s\n\n| flag | meaning |\n|---|---|\n", title)
		for _, o := range own {
			fmt.Fprintf(b, "| %s | %s |\n", markdownFlag(o), markdownUsage(o))
		}
	}
	switch {
	case !cmd.HasParent():
		b.WriteString("\nEvery command has these, and `--help`.\n")
	case cmd.Runnable():
		fmt.Fprintf(b, "\nThe [global flags](README.md#global-flags) are understood too.\n")
	}
}

func markdownFlag(o option) string {
	flag := "--" + o.long
	if o.value != "" {
		flag += " " + o.value
	}
	if o.short != "" {
		return "`-" + o.short + "`, `" + flag + "`"
	}
	return "`" + flag + "`"
}

func markdownUsage(o option) string {
	if o.initial == "" {
		return prose.Replace(o.usage)
	}
	return prose.Replace(o.usage) + " (default `" + o.initial + "`)"
}

// prose keeps the characters of a text from meaning something.
var prose = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`, "|", `\|`)
