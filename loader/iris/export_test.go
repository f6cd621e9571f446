package iris

import "time"

// WaitForLocks sets how long a lock is waited for, and returns what sets it back.
func WaitForLocks(d time.Duration) func() {
	was := lockWait
	lockWait = d
	return func() { lockWait = was }
}
