// Package explain turns errors into words for people: what went wrong, how to fix it, and the class that programs go by.
// The table of classes is here and nowhere else; the command and the helpers for tests explain an error alike.
package explain

import "strings"

// Class is a kind of failure that a script would treat in its own way. Its name is the contract for programs; the number
// is for shells.
type Class struct {
	Code  int
	Name  string
	match func(error) bool
	say   func(error, Invocation) Explanation
	When  string // when it occurs, for the page about exit codes
}

// Words is the name of the class for people.
func (c *Class) Words() string { return strings.ReplaceAll(c.Name, "-", " ") }

// Explanation is an error in words for users.
type Explanation struct {
	Class   *Class
	Subject string // what it is about
	What    []string
	Fix     []Step
	Detail  map[string]any // what a program would ask for; its keys depend on the class
}

// Step is an advice and the command that follows it, which may be empty.
type Step struct {
	Do  string `json:"do"`
	Run string `json:"run"`
}

// String is the advice in a line.
func (s Step) String() string {
	if s.Run == "" {
		return s.Do
	}
	return s.Do + ": " + s.Run
}

// Lines are pieces of advice in a line each, never nil.
func Lines(steps []Step) []string {
	lines := []string{}
	for _, s := range steps {
		lines = append(lines, s.String())
	}
	return lines
}

// Composed is an error of several, which knows itself which of them decides and what is to be said.
type Composed interface {
	error
	Class() *Class
	Explain(Invocation) Explanation
}

// Error explains an error which the invocation has met.
func Error(err error, in Invocation) Explanation {
	c := ClassOf(err)
	var x Explanation
	if e, ok := err.(Composed); ok {
		x = e.Explain(in)
	} else if words, ok := sayLFS(err, in); ok {
		x = words
	} else {
		x = c.say(err, in)
	}
	x.Class = c
	return x
}

// ClassOf is the class of an error. What belongs to no other is an internal one, a defect.
func ClassOf(err error) *Class {
	if e, ok := err.(Composed); ok {
		return e.Class()
	}
	for _, c := range classes {
		if c.match(err) {
			return c
		}
	}
	return unclassified
}

// ByCode is the class with an exit code, or that of what nobody has thought of.
func ByCode(code int) *Class {
	for _, c := range classes {
		if c.Code == code {
			return c
		}
	}
	return unclassified
}
