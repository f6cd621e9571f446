package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/bundle/blockmap"
)

// The image manifest of a directory, byte for byte. It is a contract: another implementation must get the same.
func TestOneDirectoryPacksToOneDigest(t *testing.T) {
	dir := newFixture(t, "orders", []string{"A"}, map[string][]byte{"A": []byte("raw")}, func(m *Manifest) {
		m.Description = "a <b> & c"
		m.Features = json.RawMessage(`{"source":"https://example.com/x","licenses":"MIT","revision":7}`)
		m.Tables[0].RowCount = 12
	})
	b, err := Pack(t.Context(), openTest(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	config := digest.FromBytes(raw).String()
	want := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",` +
		`"artifactType":"application/vnd.irisfix.fixture.v1",` +
		`"config":{"mediaType":"application/vnd.irisfix.manifest.v1+json","digest":"` + config + `","size":466},` +
		`"layers":[{"mediaType":"application/vnd.irisfix.manifest.v1+json","digest":"` + config + `","size":466,` +
		`"annotations":{"org.opencontainers.image.title":"manifest.json"}},` +
		`{"mediaType":"application/vnd.irisfix.dat.v1","digest":"` + digest.FromString("raw").String() + `","size":3,` +
		`"annotations":{"org.opencontainers.image.title":"A.dat"}}],` +
		`"annotations":{"org.irisfix.rows":"12","org.irisfix.tables":"1",` +
		`"org.opencontainers.image.created":"2026-01-31T12:00:00Z","org.opencontainers.image.description":"a <b> & c",` +
		`"org.opencontainers.image.licenses":"MIT","org.opencontainers.image.source":"https://example.com/x",` +
		`"org.opencontainers.image.title":"orders","org.opencontainers.image.version":"1.0.0"}}`
	if got := string(b.image); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if b.Descriptor.Digest != digest.FromString(want) || b.Descriptor.Size != int64(len(want)) {
		t.Errorf("descriptor %v", b.Descriptor)
	}
}

func TestLargeFilesCarryTheirBlockMap(t *testing.T) {
	large := bytes.Repeat([]byte("0123456789abcdef"), blockmap.MinFile/16)
	dir := newFixture(t, "large", []string{"small", "large"}, map[string][]byte{"small": large[1:], "large": large})
	store, b := pushed(t, dir)
	var kinds []string
	for _, l := range b.Image.Layers {
		kinds = append(kinds, l.MediaType[len("application/vnd.irisfix."):]+" "+l.Annotations[ocispec.AnnotationTitle])
	}
	want := "manifest.v1+json manifest.json, dat.v1 small.dat, dat.v1 large.dat, blockmap.v1 "
	if got := strings.Join(kinds, ", "); got != want {
		t.Fatalf("layers %s", got)
	}
	layer, mapped := b.Image.Layers[2], b.Image.Layers[3]
	if mapped.Annotations[AnnotationBlockMapFor] != layer.Digest.String() || len(mapped.Annotations) != 1 {
		t.Errorf("annotations %v", mapped.Annotations)
	}
	data, err := os.ReadFile(store.path(mapped.Digest))
	if err != nil {
		t.Fatal(err)
	}
	m, err := blockmap.Parse(data, layer.Size)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Blocks() {
		if m.Entry(i) != blockmap.Entry(large[i*8192:min(len(large), (i+1)*8192)]) {
			t.Fatalf("block %d", i)
		}
	}
	// A map that was not kept in memory is made again.
	clear(b.maps)
	again, err := b.blockMap(t.Context(), mapped.Digest, b.mapped[mapped.Digest])
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("made again: %v", err)
	}
}

func TestPackRefusesWhatDoesNotMatch(t *testing.T) {
	dir := orders(t)
	put(t, dir, "with%20space.dat", []byte("other bytes"))
	_, err := Pack(t.Context(), openTest(t, dir))
	var mismatch *MismatchError
	if !errors.As(err, &mismatch) || mismatch.Path != "with%20space.dat" || mismatch.Got != digest.FromString("other bytes") || mismatch.Size != 11 {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "with%20space.dat")); err != nil {
		t.Fatal(err)
	}
	_, err = Pack(t.Context(), openTest(t, dir))
	if err == nil || err.Error() != "with%20space.dat: listed in the manifest, absent" {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsPackedOpensAgain(t *testing.T) {
	dir := orders(t)
	store, b := pushed(t, dir)
	f, err := Open(t.Context(), store, b.Descriptor, "ref", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if string(f.Raw) != string(openTest(t, dir).Raw) || len(f.Layers()) != 2 {
		t.Error("another manifest or other layers")
	}
	if err := f.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	r, c, err := f.OpenTable(t.Context(), f.Manifest.Files()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if r.Rows() != 3 || r.Table().Name != "Shop.People" {
		t.Errorf("%d rows of %s", r.Rows(), r.Table().Name)
	}
}

// change returns the digest of an image manifest after an edit of its JSON.
func TestOtherArtifactsAreRefused(t *testing.T) {
	store, b := pushed(t, orders(t))
	edit := func(pairs ...string) []byte {
		s := string(b.image)
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(s, pairs[i]) {
				t.Fatalf("nothing to replace: %s", pairs[i])
			}
			s = strings.Replace(s, pairs[i], pairs[i+1], 1)
		}
		return []byte(s)
	}
	dat := b.Image.Layers[2]
	layer := `{"mediaType":"application/vnd.irisfix.dat.v1","digest":"` + dat.Digest.String() + `","size":` + jsonText(dat.Size) + `,"annotations":{"org.opencontainers.image.title":"with%20space.dat"}}`
	artifact := `"artifactType":"application/vnd.irisfix.fixture.v1",`
	tests := []struct {
		name  string
		image []byte
		want  string
	}{
		{"an index", []byte(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`), "an index of several manifests, not a fixture"},
		{"a container image", edit(artifact, "", "vnd.irisfix.manifest.v1+json", "vnd.oci.image.config.v1+json"), "a container image, not a fixture"},
		{"a Helm chart", edit(artifact, "", "vnd.irisfix.manifest.v1+json", "vnd.cncf.helm.config.v1+json"), "a Helm chart, not a fixture"},
		{"another artifact", edit("vnd.irisfix.fixture.v1", "vnd.example.v1"), "an artifact of type application/vnd.example.v1, not a fixture"},
		{"html", []byte("<html>"), "not an image manifest (line 1, column 1: invalid character '<' looking for beginning of value), not a fixture"},
		{"duplicate keys", edit(artifact, artifact+artifact), `not an image manifest (line 1, column 143: duplicate key "artifactType"), not a fixture`},
		{"another config", edit("vnd.irisfix.manifest.v1+json", "vnd.irisfix.manifest.v9+json"), `ref: config: media type "application/vnd.irisfix.manifest.v9+json" instead of "application/vnd.irisfix.manifest.v1+json"`},
		{"another algorithm", edit(string(dat.Digest), "sha512:"+strings.Repeat("a", 128)), `ref: layers[2]: digest "sha512:` + strings.Repeat("a", 128) + `" is not sha256: and 64 hex digits`},
		{"a negative size", edit(layer, strings.Replace(layer, `"size":`, `"size":-`, 1)), "ref: layers[2]: size -" + jsonText(dat.Size)},
		{"a missing layer", edit(","+layer, ""), `ref: with%20space.dat: listed in the manifest, not among the layers`},
		{"a layer twice", edit(layer, layer+","+layer), `ref: layers[3]: a second layer for "with%20space.dat"`},
		{"a layer too many", edit(layer, layer+","+strings.Replace(layer, "with%20space", "other", 1)), `ref: layers: 3 files, the manifest lists 2`},
		{"a layer of another kind", edit(layer, layer+","+strings.Replace(layer, "vnd.irisfix.dat.v1", "vnd.oci.image.layer.v1.tar", 1)), `ref: layers[3]: media type "application/vnd.oci.image.layer.v1.tar" does not belong into a fixture`},
		{"another file in its place", edit(string(dat.Digest), string(b.Image.Config.Digest)), `ref: with%20space.dat: the layer has digest ` + string(b.Image.Config.Digest) + `, the manifest says ` + string(dat.Digest)},
		{"a block map of nothing", edit(layer, layer+","+strings.Replace(layer, "vnd.irisfix.dat.v1", "vnd.irisfix.blockmap.v1", 1)), `ref: layers[3]: a block map that fits no layer before it`},
		{"the manifest not first", edit(`"manifest.json"`, `"manifest.txt"`), `ref: layers: the first is not the manifest`},
		{"an absurd config", edit(`"size":`+jsonText(b.Image.Config.Size), `"size":99999999999`), string(b.Image.Config.Digest) + `: application/vnd.irisfix.manifest.v1+json: 99999999999 bytes, more than 1048576`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: store.put(t, tt.image), Size: int64(len(tt.image))}
			_, err := Open(t.Context(), store, root, "ref", Options{})
			want := tt.want
			if strings.HasSuffix(want, ", not a fixture") {
				want = root.Digest.String() + ": " + want
			}
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			var not *NotFixtureError
			var invalid *InvalidError
			if !errors.As(err, &not) && !errors.As(err, &invalid) {
				t.Errorf("no class: %T", err)
			}
		})
	}
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// An image manifest of thousands of layers that the manifest does not list costs nothing but its own bytes.
func TestThousandsOfForeignLayersAreRefusedAtOnce(t *testing.T) {
	store, b := pushed(t, orders(t))
	image := b.Image
	for range 10_000 {
		image.Layers = append(image.Layers, ocispec.Descriptor{MediaType: "application/octet-stream", Digest: digest.FromString("x"), Size: 1})
	}
	data := compact(image)
	root := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: store.put(t, data), Size: int64(len(data))}
	var invalid *InvalidError
	if _, err := Open(t.Context(), store, root, "ref", Options{}); !errors.As(err, &invalid) || len(invalid.Problems) != 10_000 {
		t.Errorf("got %T", err)
	}
}
