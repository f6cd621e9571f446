package lfs

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// maxMessage bounds a line from git-lfs: a path and little else.
const maxMessage = 1 << 20

// MessageError reports a line that git-lfs does not send.
type MessageError struct{ Reason string }

func (e *MessageError) Error() string { return "not a message of Git LFS: " + e.Reason }

// Message is what git-lfs tells a custom transfer agent (git-lfs docs/custom-transfers.md, "Protocol").
type Message struct {
	Event     string // init, upload, download or terminate
	Operation string // of init: upload or download
	Object    Object // of upload and download; its path is the file that is to be uploaded
}

var hexForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// ParseMessage reads a line. The error is a [*MessageError].
func ParseMessage(line []byte) (Message, error) {
	fail := func(format string, args ...any) (Message, error) {
		return Message{}, &MessageError{fmt.Sprintf(format, args...)}
	}
	var m struct {
		Event     string `json:"event"`
		Operation string `json:"operation"`
		OID       string `json:"oid"`
		Size      int64  `json:"size"`
		Path      string `json:"path"`
	}
	if len(line) > maxMessage {
		return fail("longer than %d bytes", maxMessage)
	}
	if err := strictjson.Decode(line, &m); err != nil {
		return fail("%v", err)
	}
	switch m.Event {
	case "init":
		if m.Operation != "upload" && m.Operation != "download" {
			return fail("the operation %.100q", m.Operation)
		}
		return Message{Event: m.Event, Operation: m.Operation}, nil
	case "terminate":
		return Message{Event: m.Event}, nil
	case "upload", "download":
	default:
		return fail("the event %.100q", m.Event)
	}
	switch {
	case !hexForm.MatchString(m.OID):
		return fail("the oid %.100q", m.OID)
	case m.Size < 0:
		return fail("the size %d", m.Size)
	case m.Event == "upload" && m.Path == "":
		return fail("an upload of no file")
	}
	return Message{Event: m.Event, Object: Object{digest.NewDigestFromEncoded(digest.SHA256, m.OID), m.Size, m.Path}}, nil
}

// failure is how an agent tells of an error.
type failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// progress and complete are the answers to upload and download, ready the one to init.
type (
	ready struct {
		Error *failure `json:"error,omitempty"`
	}
	progress struct {
		Event string `json:"event"`
		OID   string `json:"oid"`
		SoFar int64  `json:"bytesSoFar"`
		Since int64  `json:"bytesSinceLast"`
	}
	complete struct {
		Event string   `json:"event"`
		OID   string   `json:"oid"`
		Path  string   `json:"path,omitempty"`
		Error *failure `json:"error,omitempty"`
	}
)

// encode is a message as a line.
func encode(message any) []byte {
	data, err := json.Marshal(message)
	if err != nil {
		panic(err) // texts and numbers can always be encoded
	}
	return append(data, '\n')
}
