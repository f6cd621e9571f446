package lfs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/irisfix/irisfix/registry"
)

// Transfers is what an agent can do. One call runs at a time.
type Transfers interface {
	// Download puts an object into a file that git-lfs may move away, and returns its path.
	Download(ctx context.Context, o Object) (path string, err error)
	// Upload takes the object that is in the file o.Path.
	Upload(ctx context.Context, o Object) error
}

// Agent is a custom transfer agent of Git LFS: it answers one message after the other (git-lfs docs/custom-transfers.md).
// git-lfs starts several at once and gives each a share of the objects.
type Agent struct {
	// Begin is called with the first message, which says upload or download, and returns what does the transfers.
	Begin func(ctx context.Context, operation string) (Transfers, error)
	// Explain makes of an error a number and a line for the user.
	Explain func(error) (code int, message string)

	mu   sync.Mutex
	out  io.Writer
	now  Object // that is under way
	told int64  // bytes of it that git-lfs was told of
}

// step is how many bytes travel between two lines of progress.
const step = 1 << 20

// Serve answers messages until there are no more, or one says so. What goes wrong with an object is an answer; the error
// is a [*MessageError] for something that git-lfs does not say, the cause of ctx's end, or comes from in or out.
func (a *Agent) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	a.out = out
	lines, failed := read(ctx, in)
	var transfers Transfers
	for {
		var line []byte
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-failed:
			return err
		case line = <-lines:
		}
		m, err := ParseMessage(line)
		switch {
		case err != nil:
			return err
		case m.Event == "terminate":
			return nil
		case m.Event == "init":
			var answer ready
			if transfers, err = a.Begin(ctx, m.Operation); err != nil {
				answer.Error = a.failure(err)
			}
			err = a.say(answer)
		case transfers == nil:
			return &MessageError{"a transfer before the beginning"}
		default:
			err = a.say(a.transfer(ctx, transfers, m))
		}
		if err != nil {
			return err
		}
	}
}

// read reads lines for one who cannot wait for them. At the end of in the error is nil.
func read(ctx context.Context, in io.Reader) (<-chan []byte, <-chan error) {
	lines, failed := make(chan []byte), make(chan error, 1)
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxMessage+1)
	go func() { // nothing can end a Read of standard input but the end of the process
		for scanner.Scan() {
			line := append([]byte{}, scanner.Bytes()...)
			select {
			case lines <- line:
			case <-ctx.Done():
				return
			}
		}
		err := scanner.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = &MessageError{fmt.Sprintf("longer than %d bytes", maxMessage)}
		}
		failed <- err
	}()
	return lines, failed
}

func (a *Agent) transfer(ctx context.Context, t Transfers, m Message) complete {
	a.mu.Lock()
	a.now, a.told = m.Object, 0
	a.mu.Unlock()
	answer := complete{Event: "complete", OID: m.Object.Digest.Encoded()}
	var err error
	if m.Event == "download" {
		answer.Path, err = t.Download(ctx, m.Object)
	} else {
		err = t.Upload(ctx, m.Object)
	}
	if err != nil {
		answer.Error = a.failure(err)
		return answer
	}
	a.tell(m.Object.Size)
	return answer
}

func (a *Agent) failure(err error) *failure {
	code, message := a.Explain(err)
	return &failure{code, message}
}

// Notify takes events of transfers. It may be called from several goroutines.
func (a *Agent) Notify(e registry.Event) {
	a.mu.Lock()
	due := e.Kind == registry.Progress && e.Descriptor.Digest == a.now.Digest && e.Bytes >= a.told+step
	a.mu.Unlock()
	if due {
		a.tell(e.Bytes)
	}
}

// tell says how much of the object has travelled, if that is more than was said before.
func (a *Agent) tell(bytes int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if bytes > a.told && bytes <= a.now.Size {
		_, _ = a.out.Write(encode(progress{"progress", a.now.Digest.Encoded(), bytes, bytes - a.told})) // say finds out that nobody listens
		a.told = bytes
	}
}

func (a *Agent) say(answer any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, err := a.out.Write(encode(answer))
	return err
}
