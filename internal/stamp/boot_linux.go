package stamp

import (
	"os"
	"strings"
)

// bootID is the kernel's random number of this boot, proc(5).
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return unknownBoot()
	}
	return strings.TrimSpace(string(id))
}
