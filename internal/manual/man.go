package manual

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// Man returns a man page for each command of a tree, for section 1; that of "irisfix cache list" is
// irisfix-cache-list.1. The version stands at the foot of each, beside the date unless that is zero.
func Man(root *cobra.Command, version string, date time.Time) []Page {
	foot := ""
	if !date.IsZero() {
		foot = date.UTC().Format(time.DateOnly)
	}
	var pages []Page
	for _, cmd := range list(root) {
		var b bytes.Buffer
		fmt.Fprintf(&b, ".TH \"%s\" \"1\" \"%s\" \"%s\" \"User Commands\"\n", roff(strings.ToUpper(manName(cmd))), foot,
			roff(root.Name()+" "+version))
		b.WriteString(".nh\n.ad l\n") // commands are not hyphenated, nor are their words pulled apart
		man(&b, cmd)
		pages = append(pages, Page{manName(cmd) + ".1", b.Bytes()})
	}
	return pages
}

func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func man(b *bytes.Buffer, cmd *cobra.Command) {
	fmt.Fprintf(b, ".SH NAME\n%s \\- %s\n", roff(manName(cmd)), roff(cmd.Short))
	if s := synopsis(cmd); s != "" {
		fmt.Fprintf(b, ".SH SYNOPSIS\n.B %s\n", roff(s))
	}
	b.WriteString(".SH DESCRIPTION\n")
	for i, p := range blocks(cmp.Or(cmd.Long, cmd.Short+".")) {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if p.shaped {
			shaped(b, p.text)
		} else {
			b.WriteString(lines(p.text) + "\n")
		}
	}
	for _, g := range groups(cmd) {
		fmt.Fprintf(b, ".SH %s\n", roff(strings.ToUpper(g.title)))
		for _, c := range g.commands {
			fmt.Fprintf(b, ".TP\n\\fB%s\\fR(1)\n%s\n", roff(manName(c)), lines(c.Short))
		}
	}
	manFlags(b, "OPTIONS", options(cmd.NonInheritedFlags()))
	if cmd.Runnable() {
		manFlags(b, "GLOBAL OPTIONS", options(cmd.InheritedFlags()))
	}
	if cmd.Example != "" {
		b.WriteString(".SH EXAMPLES\n")
		shaped(b, dedent(strings.Trim(cmd.Example, "\n")))
	}
	if related := related(cmd); len(related) > 0 {
		fmt.Fprintf(b, ".SH SEE ALSO\n%s\n", strings.Join(related, ",\n"))
	}
}

func manFlags(b *bytes.Buffer, title string, list []option) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", title)
	for _, o := range list {
		b.WriteString(".TP\n")
		if o.short != "" {
			fmt.Fprintf(b, "\\fB\\-%s\\fR, ", roff(o.short))
		}
		fmt.Fprintf(b, "\\fB\\-\\-%s\\fR", roff(o.long))
		if o.value != "" {
			fmt.Fprintf(b, " \\fI%s\\fR", roff(o.value))
		}
		usage := o.usage
		if o.initial != "" {
			usage += " (default " + o.initial + ")"
		}
		fmt.Fprintf(b, "\n%s\n", lines(usage))
	}
}

// related are the pages that a reader of one may want next.
func related(cmd *cobra.Command) []string {
	var list []string
	see := func(c *cobra.Command) {
		if c != cmd {
			list = append(list, "\\fB"+roff(manName(c))+"\\fR(1)")
		}
	}
	if cmd.HasParent() {
		see(cmd.Parent())
	}
	for _, c := range shown(cmd.Root()) {
		if c.IsAdditionalHelpTopicCommand() {
			see(c)
		}
	}
	return list
}

// shaped writes lines that keep their shape.
func shaped(b *bytes.Buffer, text string) {
	fmt.Fprintf(b, ".RS 2\n.nf\n%s\n.fi\n.RE\n", lines(text))
}

// lines escapes text that begins a line: a dot or an apostrophe there would be a request.
func lines(text string) string {
	text = roff(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return strings.ReplaceAll(text, "\n.", "\n\\&.")
}

var ascii = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, `"`, `\(dq`)

// roff keeps the characters of a text from meaning something, or from being made prettier than can be pasted.
func roff(text string) string {
	var b strings.Builder
	for _, r := range ascii.Replace(text) {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.String()
}
