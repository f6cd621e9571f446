package iristest

import (
	"errors"
	"fmt"

	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// failure is how an error is told to a client: a status, which is the SQLCODE without its sign, and a text that the
// client asks for with OE.
type failure struct {
	status uint16
	text   string
	body   []byte // of the failing reply; clients look at it in batches only
}

func (f *failure) Error() string { return f.text }

// The SQLCODEs of what is not the engine's business.
const (
	codeFatal       = 400
	codeSequence    = 452
	codeTimeout     = 450
	codeInterrupted = 456
)

// failureOf turns any error into what a client is told.
func failureOf(err error) failure {
	var f *failure
	var e *engine.Error
	switch {
	case errors.As(err, &f):
		return *f
	case errors.As(err, &e):
		return failure{status: uint16(-e.Code), text: e.Message}
	}
	return *fail(codeFatal, "%v", err)
}

// fail words an error as the server's own messages are worded.
func fail(code uint16, format string, args ...any) *failure {
	return &failure{status: code, text: fmt.Sprintf("[SQLCODE: <-%d>:<%s>]\r\n[Location: <ServerLoop>]\r\n[%%msg: <%s>]",
		code, engine.Text(-int(code)), fmt.Sprintf(format, args...))}
}

var unknownStatement = &failure{status: wire.StatusUnknown, text: "the statement is not known"}

// errorText answers OE with the text of the last error if it is about its status, else with the text of the code.
func (c *conversation) errorText(body []byte) error {
	request, err := wire.ParseErrorRequest(body)
	if err != nil {
		return err
	}
	text := c.failed.text
	if request.Status != c.failed.status {
		text = fmt.Sprintf("[SQLCODE: <-%d>:<%s>]", request.Status, engine.Text(-int(request.Status)))
	}
	return c.replyText(wire.StatusOK, text)
}

// replyText sends a text. What an 8-bit server has no code for becomes a question mark there.
func (c *conversation) replyText(status uint16, text string) error {
	body, err := wire.ErrorText{Text: text}.Append(nil, c.charset)
	if err != nil {
		body, err = wire.ErrorText{Text: fmt.Sprintf("%+q", text)}.Append(nil, c.charset)
	}
	if err != nil {
		return err
	}
	return c.reply(status, body)
}
