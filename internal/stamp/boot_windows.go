package stamp

import (
	"strconv"
	"time"

	"golang.org/x/sys/windows"
)

// bootID is the time of the boot to ten seconds, since it is computed from a clock that is adjusted now and then. A
// wrong guess costs one more hashing.
func bootID() string {
	boot := time.Now().Add(-windows.DurationSinceBoot())
	return strconv.FormatInt(boot.Round(10*time.Second).Unix(), 10)
}
