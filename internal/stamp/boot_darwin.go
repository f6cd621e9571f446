package stamp

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// bootID is the time of the boot, sysctl(3).
func bootID() string {
	tv, err := unix.SysctlTimeval("kern.boottime")
	if err != nil {
		return unknownBoot()
	}
	return strconv.FormatInt(tv.Sec, 10)
}
