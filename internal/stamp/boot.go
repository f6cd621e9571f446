package stamp

import (
	"strconv"
	"time"
)

// unknownBoot is a boot that never comes again: where the boot cannot be told, stamps serve one process only.
func unknownBoot() string { return "unknown-" + strconv.FormatInt(time.Now().UnixNano(), 10) }
