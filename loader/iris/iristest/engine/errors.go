package engine

import "fmt"

// Error is a statement that failed. Message is what a driver shows, in up to three lines:
//
//	[SQLCODE: <-30>:<Table or view not found>]
//	[Location: <Prepare>]
//	[%msg: < Table 'SQLUSER.T' not found>]
//
// Source of the codes and texts: InterSystems Error Reference, SQL Error Codes and Messages.
type Error struct {
	Code    int // negative SQLCODE
	Message string
	Detail  string // what stands in %msg
}

func (e *Error) Error() string { return e.Message }

// The places that the vendor's messages name.
const (
	atPrepare = "Prepare"
	atRun     = "ServerLoop"
	atOpen    = "ServerLoop - Query Open()"
)

func failAt(location string, code int, format string, args ...any) *Error {
	detail := fmt.Sprintf(format, args...)
	message := fmt.Sprintf("[SQLCODE: <%d>:<%s>]\r\n[Location: <%s>]", code, Text(code), location)
	if detail != "" {
		message += fmt.Sprintf("\r\n[%%msg: <%s>]", detail)
	}
	return &Error{Code: code, Message: message, Detail: detail}
}

// fail is an error of a statement that ran.
func fail(code int, format string, args ...any) *Error { return failAt(atRun, code, format, args...) }

// refuse is an error of a statement that was not understood or does not fit the catalog.
func refuse(code int, format string, args ...any) *Error {
	return failAt(atPrepare, code, format, args...)
}

// Text is the vendor's text for a SQLCODE.
func Text(code int) string {
	if text, ok := messages[code]; ok {
		return text
	}
	return "Unknown SQL error"
}
