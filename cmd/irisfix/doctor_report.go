package main

import (
	"fmt"
	"strings"

	"github.com/irisfix/irisfix/internal/explain"
)

// checkJSON is a check in the result of doctor.
type checkJSON struct {
	Name   string   `json:"name"`
	OK     bool     `json:"ok"`
	Detail string   `json:"detail"`
	Fix    []string `json:"fix"`
}

// word is the outcome of a check.
func (c checkJSON) word() string {
	switch {
	case !c.OK:
		return "FAILED"
	case len(c.Fix) > 0:
		return "warning"
	}
	return "ok"
}

// report prints what was found. The checks that failed become the error.
func (d *doctor) report() error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	object := struct {
		schema
		OK     bool        `json:"ok"`
		Checks []checkJSON `json:"checks"`
	}{schema1, true, []checkJSON{}}
	var failed []check
	var advice []explain.Step
	for _, c := range d.checks {
		j := checkJSON{c.name, c.err == nil, c.detail, explain.Lines(c.advice)}
		advice = append(advice, c.advice...)
		if c.err != nil {
			failed = append(failed, c)
			x := c.explain()
			j.Detail, j.Fix = strings.Join(x.What, "; "), explain.Lines(x.Fix)
			object.OK = false
		}
		object.Checks = append(object.Checks, j)
	}
	err := d.result(object, func() {
		t := newTable("", "CHECK", "", "")
		for _, c := range object.Checks {
			t.row(c.Name, c.word(), c.Detail)
		}
		t.print(d.out)
		if len(advice) > 0 {
			d.data("")
			d.data("What to do:")
			explain.PrintSteps(d.out, advice)
		}
	})
	if err == nil && len(failed) > 0 {
		return &unwell{failed, len(d.checks)}
	}
	return err
}

func (c check) explain() explain.Explanation {
	return explain.Error(c.err, invoked("doctor", nil, []string{"doctor"}))
}

// unwell is a doctor's finding that not everything is in order. The first check that failed decides the class.
type unwell struct {
	failed []check
	of     int
}

func (e *unwell) Error() string         { return e.failed[0].name + ": " + e.failed[0].err.Error() }
func (e *unwell) Class() *explain.Class { return explain.ClassOf(e.failed[0].err) }

func (e *unwell) Explain(explain.Invocation) explain.Explanation {
	x := explain.Explanation{Subject: fmt.Sprintf("%d of %d checks failed", len(e.failed), e.of)}
	for _, c := range e.failed {
		one := c.explain()
		x.What = append(x.What, c.name+": "+one.Subject+": "+strings.Join(one.What, "; "))
		for _, s := range one.Fix {
			if strings.HasPrefix(s.Run, "irisfix doctor") {
				s.Run = "" // this is the doctor
			}
			x.Fix = append(x.Fix, s)
		}
	}
	return x
}
