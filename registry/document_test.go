package registry

import (
	"errors"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
)

const aDescriptor = `{"mediaType":"m","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}`

func TestWhatIsNoDocumentIsRefused(t *testing.T) {
	for name, tt := range map[string]struct{ mediaType, data, text string }{
		"another type":          {"application/vnd.oci.artifact.manifest.v1+json", `{"blobs":[]}`, `: "application/vnd.oci.artifact.manifest.v1+json" is neither an image manifest nor an index: unsupported`},
		"a type of its own":     {ocispec.MediaTypeImageManifest, `{"mediaType":"x","config":` + aDescriptor + `}`, `: "application/vnd.oci.image.manifest.v1+json" is neither an image manifest nor an index: unsupported`},
		"an index with config":  {ocispec.MediaTypeImageIndex, `{"manifests":[],"config":` + aDescriptor + `}`, `: "application/vnd.oci.image.index.v1+json" is neither an image manifest nor an index: unsupported`},
		"a manifest without":    {ocispec.MediaTypeImageManifest, `{"layers":[]}`, `: "application/vnd.oci.image.manifest.v1+json" is neither an image manifest nor an index: unsupported`},
		"a layer without size":  {ocispec.MediaTypeImageManifest, `{"config":` + aDescriptor + `,"layers":[{"digest":"sha256:x","size":1}]}`, ": a descriptor without SHA-256 or size: unsupported"},
		"one key twice":         {ocispec.MediaTypeImageManifest, `{"config":` + aDescriptor + `,"config":1}`, ""},
		"what is no JSON":       {ocispec.MediaTypeImageManifest, `<html>`, ""},
		"a part without digest": {ocispec.MediaTypeImageIndex, `{"manifests":[{"size":1}]}`, ": a descriptor without SHA-256 or size: unsupported"},
	} {
		desc := ocispec.Descriptor{MediaType: tt.mediaType, Digest: digest.FromString(tt.data), Size: int64(len(tt.data))}
		_, err := parseDocument(desc, []byte(tt.data))
		if !errors.Is(err, errdef.ErrUnsupported) || tt.text != "" && err.Error() != desc.Digest.String()+tt.text {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDocument(f *testing.F) {
	f.Add([]byte(`{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":` + aDescriptor + `,"layers":[` + aDescriptor + `],"subject":` + aDescriptor + `,"annotations":{"a":"b"}}`))
	f.Add([]byte(`{"manifests":[` + aDescriptor + `],"subject":` + aDescriptor + `}`))
	f.Add([]byte(`{"manifests":[null,1]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, mediaType := range manifestTypes {
			d, err := parseDocument(ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}, data)
			if err != nil {
				continue
			}
			for _, b := range append(d.blobs, d.parts...) {
				if !sound(b) {
					t.Errorf("%+v", b)
				}
			}
		}
		list, err := referrersIn(Reference{}, "x", data)
		for _, d := range list {
			if err != nil || !sound(d) {
				t.Errorf("%+v %v", d, err)
			}
		}
		if x, err := parseIndex(data); err == nil {
			n := len(x.entries)
			if _, err := x.put(ocispec.Descriptor{MediaType: "m", Digest: digest.FromString("new")}); err != nil {
				t.Fatal(err)
			}
			again, err := x.encode()
			if err != nil {
				t.Fatal(err)
			}
			if y, err := parseIndex(again); err != nil || len(y.entries) > n+1 || !y.has(digest.FromString("new")) {
				t.Errorf("%s became %s: %v", data, again, err)
			}
		}
	})
}
