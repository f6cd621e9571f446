package main

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/registry"
)

func TestAnUploadThatWillTakeTooLongIsToldInEveryForm(t *testing.T) {
	large := ocispec.Descriptor{Digest: digest.FromString("x"), Size: 9e9, Annotations: map[string]string{ocispec.AnnotationTitle: "IRIS.DAT"}}
	e := registry.Event{Kind: registry.TooSlow, Reference: "ghcr.io/acme/orders:1.0.0", Descriptor: large, Forecast: &registry.Forecast{
		Host: "ghcr.io", Rate: 3.1e6, Takes: 48*time.Minute + time.Second, Limit: 10 * time.Minute}}
	const words = "warning: IRIS.DAT: at 3.1 MB/s its upload takes 49 min; ghcr.io ends uploads after 10 min"
	for form, want := range map[string]string{
		"none":  words + "\n",
		"plain": words + "\n",
		"tty":   words + "\n",
		"json":  `{"progress":{"kind":"slow","file":"IRIS.DAT","digest":"` + large.Digest.String() + `","size":9000000000,"message":"` + words + `"}}` + "\n",
	} {
		var out bytes.Buffer
		base := notes{w: &out, mu: new(sync.Mutex)}
		m := map[string]meter{"none": base, "plain": newPlain(base), "tty": newBars(base), "json": &jsonMeter{notes: base, last: map[string]time.Time{}}}[form]
		m.registry(e)
		m.close()
		if out.String() != want {
			t.Errorf("%s: got\n%swant\n%s", form, out.String(), want)
		}
	}
}

// On a narrow terminal, and beside a long name, there is room for the numbers.
func TestNamesBesideBarsAreCut(t *testing.T) {
	tests := []struct {
		name     string
		terminal int
		want     string
	}{
		{"IRIS.DAT", 80, "IRIS.DAT                 "},
		{"IRIS.DAT", 40, "IRIS.DAT     "},
		{"RAG.Entities.and.their.Relations.dat", 80, "RAG.Entities.and.their.… "},
		{"表.dat", 20, "表.dat "},
	}
	for _, tt := range tests {
		if got := nameColumn(tt.name, tt.terminal); got != tt.want {
			t.Errorf("%s at %d: got %q, want %q", tt.name, tt.terminal, got, tt.want)
		}
	}
}
