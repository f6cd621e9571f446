package lfs

import (
	"errors"
	"strings"
	"testing"
)

// The messages of the documentation (git-lfs docs/custom-transfers.md), and what is none.
func TestMessages(t *testing.T) {
	for line, want := range map[string]Message{
		`{ "event": "init", "operation": "download", "remote": "origin", "concurrent": true, "concurrenttransfers": 3 }`: {Event: "init", Operation: "download"},
		`{"event":"terminate"}`: {Event: "terminate"},
		`{"event":"download","oid":"` + hex64 + `","size":21245,"action":{"href":"nfs://server/path","header":{"key":"value"}}}`: {Event: "download", Object: Object{"sha256:" + hex64, 21245, ""}},
		`{"event":"upload","oid":"` + hex64 + `","size":0,"path":"/path/to/file.png","action":null}`:                             {Event: "upload", Object: Object{"sha256:" + hex64, 0, "/path/to/file.png"}},
	} {
		if m, err := ParseMessage([]byte(line)); err != nil || m != want {
			t.Errorf("%s: %+v, %v", line, m, err)
		}
	}
	for line, reason := range map[string]string{
		``:                                    "line 1, column 1: empty",
		`{"event":"init","operation":"up"}`:   `the operation "up"`,
		`{"event":"verify"}`:                  `the event "verify"`,
		`{"event":"download","event":"init"}`: `line 1, column 28: duplicate key "event"`,
		`{"event":"download","oid":"../x"}`:   `the oid "../x"`,
		`{"event":"download","oid":"` + hex64 + `","size":-1}`: "the size -1",
		`{"event":"upload","oid":"` + hex64 + `","size":1}`:    "an upload of no file",
		strings.Repeat(" ", maxMessage+1):                      "longer than 1048576 bytes",
	} {
		var bad *MessageError
		if _, err := ParseMessage([]byte(line)); !errors.As(err, &bad) || bad.Reason != reason {
			t.Errorf("%.80s: %v, want %s", line, err, reason)
		}
	}
}

func FuzzMessage(f *testing.F) {
	for _, line := range []string{`{"event":"init","operation":"upload"}`, `{"event":"terminate"}`, `{"event":"download","oid":"` + hex64 + `","size":1}`,
		`{"event":"upload","oid":"` + hex64 + `","size":1,"path":"x"}`, `{`, `[]`, `{"Event":"init"}`} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		m, err := ParseMessage(line)
		if err != nil {
			if !errors.As(err, new(*MessageError)) {
				t.Fatal(err)
			}
			return
		}
		if moves := m.Event == "upload" || m.Event == "download"; moves && (m.Object.Digest.Validate() != nil || m.Object.Size < 0) {
			t.Fatalf("%+v of %q", m, line)
		}
	})
}
