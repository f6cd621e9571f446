package iris

import (
	"regexp"
	"strings"
)

var (
	numberDefault = regexp.MustCompile(`^-?([0-9]+\.?[0-9]*|\.[0-9]+)$`)
	stringDefault = regexp.MustCompile(`^"([^"]|"")*"$`)
)

// defaultText makes SQL of the default that the catalog tells in ObjectScript: strings in double quotes, $c(0) for the
// empty one. What is code stays code, in the form that CREATE TABLE has for it (RSQL:createtable, defaultSpec).
func defaultText(objectScript string) *string {
	text := objectScript
	switch folded := strings.ToLower(text); {
	case text == "":
		return nil
	case numberDefault.MatchString(text):
	case stringDefault.MatchString(text):
		text = literal(strings.ReplaceAll(text[1:len(text)-1], `""`, `"`))
	case folded == "$c(0)" || folded == "$char(0)":
		text = "''"
	case folded == "$username" || folded == "$un":
		text = "USER"
	default:
		text = "OBJECTSCRIPT " + literal(text)
	}
	return &text
}

// literal is a text in SQL.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
