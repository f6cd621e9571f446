package iristest

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// nativeOperation is the second byte of the codes of native operations (globals, classes, routines), which are numbers
// above 0xC240. Replies have a status above 0xCA00.
const (
	nativeOperation = 0xC2
	nativeBase      = 0x40
	nativeStatus    = 0xCA00
	classMethod     = nativeBase + 11 // a class method with a value
)

// Errors of native operations, as $SYSTEM.Status counts them.
const classDoesNotExist = 1033

// native answers operations on globals, classes and routines. There are none here but the calls that drivers and tools
// make of themselves: sqlalchemy-iris and irissqlcli ask for the version, iris-devtester whether its namespace exists.
func (c *conversation) native(ctx context.Context, op byte, body []byte) error {
	if op != classMethod {
		return c.replyText(nativeStatus+classDoesNotExist, fmt.Sprintf("<UNIMPLEMENTED> operation %d", op-nativeBase))
	}
	r := wire.NewReader(body)
	class, err := r.Text(c.charset)
	if err != nil {
		return err
	}
	method, err := r.Text(c.charset)
	if err != nil {
		return err
	}
	args, err := c.arguments(r)
	if err != nil {
		return err
	}
	switch {
	case class == "%SYSTEM.Version" && method == "GetVersion" && len(args) == 0:
		return c.replyText(nativeStatus, c.server.version())
	case class == "%SYSTEM.Version" && method == "GetNumber" && len(args) == 0:
		return c.replyText(nativeStatus, versionNumber(c.server.version()))
	case class == "Config.Namespaces" && method == "Exists" && len(args) == 1:
		return c.reply(nativeStatus, wire.AppendInt(nil, c.namespaceExists(ctx, args[0])))
	}
	return c.replyText(nativeStatus+classDoesNotExist, fmt.Sprintf("<CLASS DOES NOT EXIST> *%s", class))
}

// arguments reads the arguments of a call, as text.
func (c *conversation) arguments(r *wire.Reader) ([]string, error) {
	n, err := r.Int()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > int64(len(r.Rest())) {
		return nil, fail(codeFatal, "%d arguments", n)
	}
	args := make([]string, n)
	for i := range args {
		if args[i], err = r.Text(c.charset); err != nil {
			return nil, err
		}
	}
	if r.More() {
		return nil, wire.ErrTrailing
	}
	return args, nil
}

var release = regexp.MustCompile(`(\d+\.\d+)\D* \(Build (\d+)`)

// versionNumber is the version as %SYSTEM.Version.GetNumber says it: 2025.1.0.223.0 of 2025.1 (Build 223U).
func versionNumber(version string) string {
	m := release.FindStringSubmatch(version)
	if m == nil {
		return ""
	}
	return strings.Join([]string{m[1], "0", m[2], "0"}, ".")
}

func (c *conversation) namespaceExists(ctx context.Context, name string) int64 {
	session, err := c.server.system.Connect(ctx, name, "")
	if err != nil {
		return 0
	}
	session.Close() //nolint:errcheck // it did nothing
	return 1
}
