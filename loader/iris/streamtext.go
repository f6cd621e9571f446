package iris

import (
	"errors"
	"unicode/utf8"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

var errNotUTF8 = errors.New("a character stream that is not UTF-8, though the server's locale is Unicode")

// toUTF8 makes UTF-8 of the text that was read into a vector from start on. Servers of the locale UNICODE send it so;
// others use their code page.
func (d *db) toUTF8(v *dat.Vector, start int) error {
	charset := d.StreamCharset()
	if charset == nil {
		if !utf8.Valid(v.Data[start:]) {
			return errNotUTF8
		}
		return nil
	}
	raw := append([]byte(nil), v.Data[start:]...)
	data, err := wire.Item{Type: wire.String8, Data: raw}.AppendText(v.Data[:start], charset)
	if err == nil {
		v.Data = data
	}
	return err
}
