package registry

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/registry/cache"
)

var contentRange = regexp.MustCompile(`^bytes\s+\+?(\d+)\s*-\s*\+?(\d+)\s*/`)

// Whatever a Content-Range says, an answer is taken only for bytes from the beginning of what was asked for.
func FuzzContentRange(f *testing.F) {
	for _, v := range []string{"bytes 5-9/100", "bytes 5-9/*", "bytes 5-9/101", "bytes */100", "bytes 9-5/100", "bytes 5-10/100",
		"bytes", "", "bytes 5-9", "bytes 05-09/100", "bytes 5-99999999999999999999/100", "bytes -5-9/100", "items 5-9/100", "bytes=5-9/100"} {
		f.Add(v, int64(5), int64(10), int64(100))
	}
	f.Fuzz(func(t *testing.T, value string, start, end, size int64) {
		if start < 0 || end <= start || size < end {
			return
		}
		s := cache.Span{Start: start, End: end}
		resp := &http.Response{Header: http.Header{"Content-Range": {value}}}
		if answers(resp, s, size) {
			m := contentRange.FindStringSubmatch(value)
			if m == nil || strings.TrimLeft(m[1], "0") != strings.TrimLeft(fmt.Sprint(start), "0") {
				t.Errorf("%q is taken for bytes %d-%d/%d", value, start, end-1, size)
			}
		}
		right := fmt.Sprintf("bytes %d-%d/%d", start, end-1, size)
		resp.Header.Set("Content-Range", right)
		if !answers(resp, s, size) {
			t.Errorf("%q is not taken", right)
		}
		resp.Header.Add("Content-Range", value)
		if answers(resp, s, size) {
			t.Error("two are taken")
		}
	})
}
