package sandbox

import "time"

// Tests wait for less, but for what a busy machine takes to drop a namespace.
func init() { sweepWait = 3 * time.Second }
