package sandbox

import (
	"strings"
	"testing"
	"time"
)

// Tests wait for less, but for what a busy machine takes to drop a namespace.
func init() { sweepWait = 3 * time.Second }

// Whatever stands in an entry: what is believed of it has the entry's name, so that nothing else is dropped.
func FuzzEntry(f *testing.F) {
	f.Add("IFXABCDEFGHI", []byte(`{"server":"iris://a@b:1/USER","namespace":"IFXABCDEFGHI","schemas":["IFXABCDEFGHI_Shop"],"label":"t"}`))
	f.Add("IFXABCDEFGHI", []byte(`{"Namespace":"USER"}`))
	f.Add("IFX2", []byte(`{"namespace":"IFX2"}`))
	f.Add("", []byte(`{}`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		m, ok := parseMade(name, data)
		if !ok {
			return
		}
		if len(name) != 12 || !strings.HasPrefix(name, "IFX") || m.Namespace != "" && m.Namespace != name {
			t.Errorf("%q: %+v", name, m)
		}
		for _, s := range m.Schemas {
			if !strings.HasPrefix(s, name+"_") {
				t.Errorf("%q: %+v", name, m)
			}
		}
	})
}
