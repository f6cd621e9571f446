//go:build !unix

package atomicfile

import "context"

// LockDir does nothing here: a directory cannot be locked.
func LockDir(context.Context, string) (unlock func(), err error) { return func() {}, nil }
