//go:build !unix

package atomicfile

// LockDir does nothing here: a directory cannot be locked.
func LockDir(string) (unlock func()) { return func() {} }
