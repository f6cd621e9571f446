package client

import (
	"errors"
	"fmt"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

var (
	// ErrLost is matched by every error that says that the connection is gone; see [LostError].
	ErrLost = errors.New("connection lost")
	// ErrBusy is returned for a request that is made while a stream is being read.
	ErrBusy = errors.New("a stream is being read on this connection")
	// ErrNoStream is returned where a handle stands for no stream (status 403 of JS).
	ErrNoStream = errors.New("no stream with this handle")
)

// SQLError is the server's refusal of a request. The connection is still good.
type SQLError struct {
	Code      int    // SQLCODE, negative, such as -119
	Text      string // the server's words; empty if it could not be asked for them
	Status    uint16 // as it was sent: the absolute value of Code, or 404, a statement that the server does not know
	Statement string // SQL text, or the name of a message that has none, such as "TC"
}

func (e *SQLError) Error() string {
	if e.Status == wire.StatusUnknown {
		return "statement unknown to the server"
	}
	return sqlcode(e.Code, e.Text)
}

func sqlcode(code int, text string) string {
	if text == "" {
		return fmt.Sprintf("SQLCODE %d", code)
	}
	return fmt.Sprintf("SQLCODE %d: %s", code, text)
}

// BatchError is the refusal of a batch, an [*SQLError], by a server that told what became of each of its sets. The JDBC
// driver reads that from the reply; a server may leave it out.
type BatchError struct {
	Counts []int64 // rows affected, or a negative SQLCODE
	Err    error
}

func (e *BatchError) Error() string { return e.Err.Error() }
func (e *BatchError) Unwrap() error { return e.Err }

// LostError says that the connection is gone. Its socket is closed, and every further request fails with a LostError
// whose Sent is false.
type LostError struct {
	Request string // function code of the request that failed, such as "TC"
	// Sent reports whether any of the request was handed to the system. If not, the server knows nothing of it; if so, it
	// may have carried it out: with Request "TC" the outcome of the transaction is unknown.
	Sent bool
	Err  error // the end of the context, a network error, or a *ProtocolError
}

func (e *LostError) Error() string {
	when := "before"
	if e.Sent {
		when = "after"
	}
	return fmt.Sprintf("connection lost %s %s was sent: %v", when, e.Request, e.Err)
}

func (e *LostError) Is(target error) bool { return target == ErrLost }

func (e *LostError) Unwrap() error { return e.Err }

// ProtocolError is a reply that breaks the protocol.
type ProtocolError struct {
	Request string // function code of what it should be the reply to
	Err     error  // what is wrong with it
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("protocol error: reply to %s: %v", e.Request, e.Err)
}

func (e *ProtocolError) Unwrap() error { return e.Err }
