package phrase

import (
	"fmt"
	"math"
	"time"
)

// Bytes is a number of bytes, in powers of ten as disks and networks are sold.
func Bytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	x, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		if x /= 1000; x < 999.95 {
			break
		}
	}
	return fmt.Sprintf("%.1f %s", x, unit)
}

// Count is a number with its noun: 1 table, 2,000 rows.
func Count(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Number(n) + " " + noun
}

// Number groups digits by thousands.
func Number(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Minutes is a time for people who wait.
func Minutes(d time.Duration) string {
	return Number(int64(math.Ceil(d.Minutes()))) + " min"
}
