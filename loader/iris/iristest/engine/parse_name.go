package engine

import (
	"strings"
)

// word reads an identifier: one that is delimited, or one that is not reserved.
func (p *parser) word() string {
	t := p.peek()
	switch {
	case t.kind == tokenQuoted:
		checkName(t.text)
		p.at++
		return t.text
	case t.kind == tokenWord && !reserved[t.upper]:
		checkName(t.text)
		p.at++
		return t.text
	}
	panic(refuse(-1, " IDENTIFIER expected, %s found", p.shown(t)))
}

// anyWord reads a word that may be reserved.
func (p *parser) anyWord() string {
	t := p.peek()
	if t.kind == tokenQuoted || t.kind == tokenWord {
		p.at++
		return t.text
	}
	p.unexpected("IDENTIFIER")
	return ""
}

// checkName refuses what IRIS does not take as a name (Using InterSystems SQL, Delimited Identifiers).
func checkName(s string) {
	switch {
	case s == "":
		panic(refuse(-1, " Delimited identifier is empty"))
	case utf16Length(s) > 128:
		panic(refuse(-400, "ERROR #5487: Identifier '%s' is longer than 128 characters", clean(s)))
	case strings.ContainsAny(s, `"`), strings.HasPrefix(s, "*"):
		panic(refuse(-1, " Invalid delimited identifier '%s'", clean(s)))
	}
}

// tableName reads [schema.]table. Names of tables and columns may not hold signs that IRIS needs itself.
func (p *parser) tableName() name {
	first := p.namePart()
	if p.sign(".") {
		second := p.namePart()
		return name{first, second}
	}
	return name{"", first}
}

func (p *parser) namePart() string {
	t := p.peek()
	s := ""
	if t.kind == tokenWord && strings.HasPrefix(t.text, "%") {
		s = p.anyWord() // %Dictionary, %Library
	} else {
		s = p.word()
	}
	if strings.ContainsAny(s, ".,^") || strings.Contains(s, "->") {
		panic(refuse(-1, " Invalid identifier '%s'", clean(s)))
	}
	return s
}

// names reads (a, b, …).
func (p *parser) names() (list []string) {
	p.expect("(")
	for {
		list = append(list, p.namePart())
		if !p.sign(",") {
			break
		}
	}
	p.expect(")")
	return list
}

// number reads a non-negative integer.
func (p *parser) number() int {
	t := p.next()
	if t.kind != tokenNumber {
		p.at--
		p.unexpected("NUMBER")
	}
	d, err := parseDecimal(t.text)
	if err != nil || d.Exponent < 0 || d.Mantissa > 1<<31 {
		panic(refuse(-1, " Number %s out of range", t.text))
	}
	n := d.Mantissa
	for range d.Exponent {
		n *= 10
	}
	return int(n)
}
