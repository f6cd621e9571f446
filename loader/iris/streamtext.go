package iris

import (
	"errors"
	"unicode/utf8"

	"github.com/irisfix/irisfix/bundle/dat"
)

var errNotUTF8 = errors.New("a character stream that is not UTF-8")

// checkUTF8 holds the text that was read into a vector from start on to be what servers send: UTF-8, whatever their
// locale.
func checkUTF8(v *dat.Vector, start int) error {
	if !utf8.Valid(v.Data[start:]) {
		return errNotUTF8
	}
	return nil
}
