package iristest

import (
	"fmt"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// nativeOperation is the second byte of the codes of native operations (globals, classes, routines), which are numbers
// above 0xC240. Replies have a status above 0xCA00.
const (
	nativeOperation = 0xC2
	nativeBase      = 0x40
	nativeStatus    = 0xCA00
)

// Errors of native operations, as $SYSTEM.Status counts them.
const classDoesNotExist = 1033

// native answers operations on globals, classes and routines. There are none here but the calls that drivers make of
// themselves.
func (c *conversation) native(op byte, body []byte) error {
	r := wire.NewReader(body)
	if op == nativeBase+11 { // class method with a value
		class, err := r.Text(c.charset)
		if err != nil {
			return err
		}
		method, err := r.Text(c.charset)
		if err != nil {
			return err
		}
		if class == "%SYSTEM.Version" && method == "GetVersion" {
			out, err := wire.AppendText(nil, c.server.version(), c.charset)
			if err != nil {
				return err
			}
			return c.reply(nativeStatus, out)
		}
		return c.replyText(nativeStatus+classDoesNotExist, fmt.Sprintf("<CLASS DOES NOT EXIST> *%s", class))
	}
	return c.replyText(nativeStatus+classDoesNotExist, fmt.Sprintf("<UNIMPLEMENTED> operation %d", op-nativeBase))
}
