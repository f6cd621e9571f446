package live

import (
	"fmt"
	"strings"
	"time"
)

// Report is what a run against a server found.
type Report struct {
	Server  string // without the password
	Version string // in the server's words
	Locale  string
	Irisfix string // what was run
	Began   time.Time
	Runs    []Run
	Asked   []Asked
	Notes   []string // what was left by an earlier run, what could not be dropped
}

// Run is a set of tests that ran against the server.
type Run struct {
	Name     string
	Passed   int
	Skipped  int
	Failures []string
	Err      error // why it did not run, or not to its end
}

// Good says that all tests ran and passed.
func (r Run) Good() bool { return r.Err == nil && len(r.Failures) == 0 && r.Passed > 0 }

// Wrong are the questions whose answer breaks something: irisfix depends on the belief, and the server did otherwise or
// could not be asked.
func (r *Report) Wrong() []Asked {
	return r.which(func(a Asked) bool {
		return a.Depends != "" && (a.Verdict == Otherwise || a.Verdict == Failed)
	})
}

func (r *Report) which(want func(Asked) bool) (list []Asked) {
	for _, a := range r.Asked {
		if want(a) {
			list = append(list, a)
		}
	}
	return list
}

// Markdown is the report as a page.
func (r *Report) Markdown() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# irisfix on a real InterSystems IRIS\n\n| | |\n|---|---|\n")
	for _, row := range [][2]string{
		{"server", r.Server}, {"version", r.Version}, {"edition", r.edition()}, {"locale", r.Locale}, {"irisfix", r.Irisfix},
		{"date", r.Began.UTC().Format(time.RFC3339)},
	} {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], cell(row[1]))
	}
	r.runs(&b)
	r.wrong(&b)
	part := ""
	for _, a := range r.Asked {
		if a.Part != part {
			part = a.Part
			fmt.Fprintf(&b, "\n## %s\n", part)
		}
		question(&b, a)
	}
	if len(r.Notes) > 0 {
		fmt.Fprint(&b, "\n## Notes\n\n")
		for _, n := range r.Notes {
			fmt.Fprintf(&b, "* %s\n", line(n))
		}
	}
	return []byte(b.String())
}

// edition is what the number of connections tells of it. IRIS names its edition in no query.
func (r *Report) edition() string {
	for _, a := range r.Asked {
		if a.Topic == connectionsTopic {
			return a.Said
		}
	}
	return "not asked"
}

func (r *Report) runs(b *strings.Builder) {
	fmt.Fprint(b, "\n## Tests\n\n| | passed | skipped | failed |\n|---|---|---|---|\n")
	for _, run := range r.Runs {
		fmt.Fprintf(b, "| %s | %d | %d | %d |\n", cell(run.Name), run.Passed, run.Skipped, len(run.Failures))
	}
	for _, run := range r.Runs {
		if run.Err != nil {
			fmt.Fprintf(b, "\n%s: %s\n", run.Name, line(run.Err.Error()))
		}
		if len(run.Failures) > 0 {
			fmt.Fprintf(b, "\nFailed of %s:\n\n", run.Name)
		}
		for _, f := range run.Failures {
			fmt.Fprintf(b, "* %s\n", code(f))
		}
	}
}

// wrong lists first what matters most.
func (r *Report) wrong(b *strings.Builder) {
	fmt.Fprint(b, "\n## Answers that break something\n\n")
	list := r.Wrong()
	if len(list) == 0 {
		fmt.Fprintln(b, "None: wherever irisfix depends on a belief, the server bears it out, or does not contradict it.")
	}
	for _, a := range list {
		fmt.Fprintf(b, "* %s: %s\n", line(a.Topic), a.Verdict)
	}
}

func question(b *strings.Builder, a Asked) {
	depends := a.Depends
	switch {
	case depends != "":
	case a.Verdict != NotAsked && a.Remark != "":
		depends = "nothing; " + a.Remark
	default:
		depends = "nothing"
	}
	fmt.Fprintf(b, "\n### %s\n\n* **%s**\n* this server: %s\n* believed: %s\n* what of irisfix depends on it: %s\n",
		line(a.Topic), a.Verdict, code(a.Said), line(a.Believed), line(depends))
}

// code is a text that Markdown leaves alone: what a server says has any characters.
func code(s string) string {
	s = line(s)
	if s == "" {
		return "(nothing)"
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + " " + s + " " + fence
}

// cell is a text in a table.
func cell(s string) string { return strings.ReplaceAll(line(s), "|", `\|`) }
