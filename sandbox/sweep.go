package sandbox

import (
	"context"
	"time"

	"github.com/irisfix/irisfix/loader"
)

// sweepWait is how long sessions may take to leave what others have left.
var sweepWait = 10 * time.Second

// sweep takes away what processes that have ended left on the server. What cannot be taken away is tried again by the
// next process.
func (v *server) sweep(ctx context.Context) {
	v.journal.tidy()
	for _, name := range v.journal.names() {
		if m, ok := v.journal.read(name); !ok || m.Server != v.target() || v.isStuck(name) {
			continue
		}
		e, m, ok := v.journal.claim(name)
		if !ok { // its process lives
			continue
		}
		within, cancel := context.WithTimeout(ctx, sweepWait)
		err := v.takeAway(within, m)
		cancel()
		if err != nil {
			v.setStuck(name)
			_ = e.let()
			v.opts.Warn(loader.Warning{Subject: name, Message: "left by a process that was ended, and cannot be removed now: " + err.Error()})
			continue
		}
		_ = e.end()
		v.opts.Warn(loader.Warning{Subject: name, Message: m.whose() + " was removed: the process that made it was ended"})
	}
}

func (v *server) isStuck(name string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.stuck[name]
}

func (v *server) setStuck(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.stuck[name] = true
}

func (m made) whose() string {
	if m.Label == "" {
		return "a sandbox"
	}
	return "the sandbox of " + m.Label
}
