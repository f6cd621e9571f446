package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo terminal: what a program writes to the second file is read from the first.
func terminal(t *testing.T) (*os.File, *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	return master, slave
}

// Errors are in colour on a terminal, and nowhere else; NO_COLOR, --no-color and a terminal that cannot are heeded.
func TestColourIsForTerminals(t *testing.T) {
	const plain, colour = "irisfix: not found: ./none\r\n\r\nWhat went wrong:\r\n  there is no such directory\r\n", "\x1b[1;31mirisfix: not found\x1b[0m: ./none\r\n\r\n\x1b[1mWhat went wrong:\x1b[0m\r\n  there is no such directory\r\n"
	tests := []struct{ env, flag, want string }{
		{"TERM=xterm", "--quiet=false", colour}, {"NO_COLOR=1", "--quiet=false", plain}, {"TERM=xterm", "--no-color", plain}, {"TERM=dumb", "--quiet=false", plain},
	}
	for _, tt := range tests {
		master, slave := terminal(t)
		cmd := program(t, t.TempDir(), "info", "./none", tt.flag)
		cmd.Env = append(cmd.Env, "TERM=xterm", "NO_COLOR=", tt.env)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, slave
		err := cmd.Run()
		slave.Close()
		said, _ := io.ReadAll(master) // ends with EIO when nobody can write any more
		if err == nil || out.Len() > 0 || !strings.HasPrefix(string(said), tt.want) {
			t.Errorf("%s %s: %v\n%q", tt.env, tt.flag, err, said)
		}
		if tt.want == plain && bytes.ContainsRune(said, '\x1b') {
			t.Errorf("%s %s: %q", tt.env, tt.flag, said)
		}
	}
}
