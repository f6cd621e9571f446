package settings

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"
)

// printed is what a program said.
type printed struct {
	out []byte
	err error
}

// runOnce runs a program unless it was run already, so that all of the process means the same server.
func (e *Environment) runOnce(ctx context.Context, name string, args ...string) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	line := strings.Join(append([]string{name}, args...), " ")
	said, ok := e.programs[line]
	if !ok {
		said.out, said.err = runProgram(ctx, name, args...)
		if ctx.Err() == nil { // else it was not the program that failed
			e.programs[line] = said
		}
	}
	return said.out, said.err
}

// runProgram runs a program for what it prints.
func runProgram(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second // a grandchild may hold the output open
	out := &capped{}
	cmd.Stdout = out
	err := cmd.Run()
	if out.full {
		err = errTooMuch
	}
	return out.b.Bytes(), err
}

var errTooMuch = errors.New("it prints too much")

// maxPrinted is more than a list of servers has.
const maxPrinted = 1 << 20

// capped is a buffer that ends the program which would fill the memory with it. It is not embedded: copying would find
// the buffer's own way of reading, which has no limit.
type capped struct {
	b    bytes.Buffer
	full bool
}

func (c *capped) Write(p []byte) (int, error) {
	if c.full = c.full || c.b.Len()+len(p) > maxPrinted; c.full {
		return 0, errTooMuch
	}
	return c.b.Write(p)
}
