package registry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
)

func endpoint(t *testing.T, s string) registry.Endpoint {
	t.Helper()
	e, err := registry.ParseEndpoint(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEndpoints(t *testing.T) {
	for in, want := range map[string]registry.Endpoint{
		"oci-layout:dir":           {Dir: "dir"},
		"oci-layout:dir:v1":        {Dir: "dir", Tag: "v1"},
		"oci-layout:/a/b.c:1.0":    {Dir: "/a/b.c", Tag: "1.0"},
		"oci-layout:a:b:c":         {Dir: "a:b", Tag: "c"},
		`oci-layout:C:\x\y`:        {Dir: `C:\x\y`},
		`oci-layout:C:\x\y:v1`:     {Dir: `C:\x\y`, Tag: "v1"},
		"oci-layout:/with:colon/d": {Dir: "/with:colon/d"},
	} {
		got := endpoint(t, in)
		if got != want || got.String() != in {
			t.Errorf("%s: %+v", in, got)
		}
	}
	if got := endpoint(t, "localhost:5000/x:1"); got.Reference.Tag != "1" || got.String() != "localhost:5000/x:1" {
		t.Errorf("%+v", got)
	}
	for in, want := range map[string]string{
		"oci-layout:": `"oci-layout:": no directory`,
		"x":           `"x": no registry: it must be registry/repository[:tag][@sha256:…]`,
	} {
		if _, err := registry.ParseEndpoint(in); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestCopyFromRegistryToRegistryStreams(t *testing.T) {
	from, to, b := newServer(t), newServer(t), newBundle(t, "one", big("two"), "")
	b.push(t, from.ref(t, "acme/x:1"))
	c, store := cachedClient(t, registry.Options{})
	copied, err := c.Copy(t.Context(), endpoint(t, from.host()+"/acme/x:1"), endpoint(t, to.host()+"/other/y:2"), registry.CopyOptions{})
	if err != nil || copied.Sent != b.size() || copied.Descriptor.Digest != b.root.Digest {
		t.Errorf("%+v %v", copied, err)
	}
	inRegistry(t, to.ref(t, "other/y:2"), b)
	if _, err := os.Stat(store.Dir()); err == nil {
		if blobs, _ := os.ReadDir(filepath.Join(store.Dir(), "blobs", "sha256")); len(blobs) > 0 {
			t.Errorf("%d blobs were kept on disk", len(blobs))
		}
	}
}

func TestCopyWithinARegistryMovesNoBytesWhereItMayMount(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"))
	b.push(t, s.ref(t, "x:1"))
	for _, tt := range []struct {
		name        string
		mounts, has bool // what the registry does, and whether it says that it has the blobs already
		puts, asked int
		how         registry.How
		sent        int64
	}{
		{"mounts", true, false, 0, 0, registry.Mounted, b.root.Size},
		{"mounts nothing", false, false, len(b.blobs) - 1, len(b.blobs) - 1, registry.Sent, b.size()},
		{"mounts nothing, and has them", false, true, 0, len(b.blobs) - 1, registry.Reused, b.root.Size},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := strings.NewReplacer(" ", "-", ",", "").Replace(tt.name)
			s.on(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				q := r.URL.Query()
				switch {
				case r.Method == http.MethodPost && q.Get("from") == "x" && q.Get("mount") != "" && tt.mounts:
					w.WriteHeader(201) // blobs are not kept by repository here
				case r.Method == http.MethodHead && strings.HasPrefix(r.URL.Path, "/v2/"+name+"/blobs/") && !tt.has:
					w.WriteHeader(404)
				default:
					next.ServeHTTP(w, r)
				}
			})
			c, events := newClient(t, registry.Options{})
			report, err := c.Copy(t.Context(), endpoint(t, s.host()+"/x:1"), endpoint(t, s.host()+"/"+name+":1"), registry.CopyOptions{})
			if err != nil {
				t.Fatal(err)
			}
			puts, asked := s.count("PUT /v2/"+name+"/blobs/"), s.count("HEAD /v2/"+name+"/blobs/")
			if puts != tt.puts || asked != tt.asked || report.Sent != tt.sent || events.of(registry.Done)[0].How != tt.how {
				t.Errorf("%+v after %v", report, s.requests())
			}
			s.on(nil)
			inRegistry(t, s.ref(t, name+":1"), b)
		})
	}
}

func TestACopyTakesUpACutSourceAgain(t *testing.T) {
	from, to, b := newServer(t), newServer(t), newBundle(t, big("two"))
	b.push(t, from.ref(t, "x:1"))
	dir := filepath.Join(t.TempDir(), "layout")
	for _, target := range []string{to.host() + "/x:1", "oci-layout:" + dir} {
		from.on(once("GET /v2/x/blobs/"+b.desc[1].Digest.String(), halfOf(big("two"), cut)))
		c, events := newClient(t, registry.Options{})
		if _, err := c.Copy(t.Context(), endpoint(t, from.host()+"/x:1"), endpoint(t, target), registry.CopyOptions{}); err != nil {
			t.Fatal(err)
		}
		if n := len(events.of(registry.Retrying)); n != 1 {
			t.Errorf("%d retries", n)
		}
	}
	inRegistry(t, to.ref(t, "x:1"), b)
	holds(t, registry.OpenLayout(dir), b)
}

func TestALayoutCarriesABundleFromOneRegistryToAnother(t *testing.T) {
	from, to, b := newServer(t), newServer(t), newBundle(t, "one", big("two"), "")
	b.push(t, from.ref(t, "x:1.0"))
	dir := filepath.Join(t.TempDir(), "a", "layout")
	c, _ := newClient(t, registry.Options{})
	report, err := c.Copy(t.Context(), endpoint(t, from.host()+"/x:1.0"), endpoint(t, "oci-layout:"+dir), registry.CopyOptions{})
	if err != nil || report.Sent != b.size() || report.Previous != "" {
		t.Fatalf("%+v %v", report, err)
	}
	off, _ := newClient(t, registry.Options{Offline: true})
	for _, e := range []string{"oci-layout:" + dir, "oci-layout:" + dir + ":1.0"} {
		twin := filepath.Join(t.TempDir(), "twin")
		if _, err := off.Copy(t.Context(), endpoint(t, e), endpoint(t, "oci-layout:"+twin+":t"), registry.CopyOptions{}); err != nil {
			t.Error(err)
		}
		holds(t, registry.OpenLayout(twin), b)
	}
	if _, err := c.Copy(t.Context(), endpoint(t, "oci-layout:"+dir+":1.0"), endpoint(t, to.host()+"/y:2"), registry.CopyOptions{}); err != nil {
		t.Fatal(err)
	}
	inRegistry(t, to.ref(t, "y:2"), b)
	report, err = c.Copy(t.Context(), endpoint(t, from.host()+"/x:1.0"), endpoint(t, "oci-layout:"+dir), registry.CopyOptions{})
	if err != nil || report.Sent != 0 || report.Reused != b.size() || report.Previous != b.root.Digest {
		t.Errorf("again: %+v %v", report, err)
	}
}

func TestOthersCanReadTheLayout(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"))
	b.push(t, s.ref(t, "x:1.0"))
	dir := t.TempDir()
	c, _ := newClient(t, registry.Options{})
	if _, err := c.Copy(t.Context(), endpoint(t, s.host()+"/x:1.0"), endpoint(t, "oci-layout:"+dir), registry.CopyOptions{}); err != nil {
		t.Fatal(err)
	}
	store, err := oci.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	desc, err := store.Resolve(t.Context(), "1.0")
	if err != nil || desc.Digest != b.root.Digest || desc.Size != b.root.Size || desc.MediaType != b.root.MediaType {
		t.Fatalf("%+v %v", desc, err)
	}
	holds(t, store, b)
	index, err := os.ReadFile(filepath.Join(dir, "index.json"))
	want := fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":%q,"digest":%q,"size":%d,"annotations":{"org.opencontainers.image.ref.name":"1.0"}}]}`,
		b.root.MediaType, b.root.Digest, b.root.Size)
	if err != nil || string(index) != want {
		t.Errorf("got  %s %v\nwant %s", index, err, want)
	}
}

func TestWhatElseIsInALayoutIsKept(t *testing.T) {
	dir, b, next := t.TempDir(), newBundle(t, "one"), newBundle(t, "two")
	s := newServer(t)
	b.push(t, s.ref(t, "x:mine"))
	foreign := `{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"` + digestA + `","size":1.0e2,"annotations":{"org.opencontainers.image.ref.name":"theirs","x":"y"},"new":[1]}`
	for name, content := range map[string]string{
		"oci-layout": `{"imageLayoutVersion": "1.0.0", "x": 1}`,
		"index.json": `{ "schemaVersion": 2, "custom": {"a": 1.50}, "manifests": [` + foreign + `], "annotations": {"k": "v"} }`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755); err != nil {
		t.Fatal(err)
	}
	c, _ := newClient(t, registry.Options{})
	for _, bundle := range []*bundle{b, next} {
		bundle.push(t, s.ref(t, "x:mine"))
		if _, err := c.Copy(t.Context(), endpoint(t, s.host()+"/x:mine"), endpoint(t, "oci-layout:"+dir), registry.CopyOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, "index.json"))
	want := fmt.Sprintf(`{"schemaVersion":2,"custom":{"a": 1.50},"annotations":{"k": "v"},"manifests":[%s,{"mediaType":%q,"digest":%q,"size":%d,"annotations":{"org.opencontainers.image.ref.name":"mine"}}]}`,
		foreign, next.root.MediaType, next.root.Digest, next.root.Size)
	if err != nil || string(got) != want {
		t.Errorf("got  %s %v\nwant %s", got, err, want)
	}
}

func TestManyCopiesIntoOneLayoutAllArrive(t *testing.T) {
	s, dir := newServer(t), filepath.Join(t.TempDir(), "layout")
	const writers, each = 6, 4
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			c := registry.New(registry.Options{})
			defer c.Close()
			for i := range each {
				name := fmt.Sprintf("w%d-%d", w, i)
				b := newBundle(t, "shared", name)
				b.push(t, s.ref(t, "x:"+name))
				if _, err := c.Copy(t.Context(), endpoint(t, s.host()+"/x:"+name), endpoint(t, "oci-layout:"+dir), registry.CopyOptions{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for w := range writers {
		for i := range each {
			if _, err := registry.OpenLayout(dir).Resolve(t.Context(), fmt.Sprintf("w%d-%d", w, i)); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestADamagedLayoutGivesNoWrongByte(t *testing.T) {
	s, to, b := newServer(t), newServer(t), newBundle(t, "hello")
	b.push(t, s.ref(t, "x:1"))
	dir := t.TempDir()
	c, _ := newClient(t, registry.Options{})
	from := endpoint(t, "oci-layout:"+dir)
	fill := func() {
		t.Helper()
		if _, err := c.Copy(t.Context(), endpoint(t, s.host()+"/x:1"), from, registry.CopyOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	fill()
	blob := filepath.Join(dir, "blobs", "sha256", b.desc[1].Digest.Encoded())
	if err := os.WriteFile(blob, []byte("hellO"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := c.Copy(t.Context(), from, endpoint(t, to.host()+"/x:1"), registry.CopyOptions{})
	var mismatch *registry.MismatchError
	if !errors.As(err, &mismatch) || mismatch.GotDigest != digest.FromString("hellO") {
		t.Errorf("got %v", err)
	}
	fill()
	holds(t, registry.OpenLayout(dir), b)
	if err := os.Remove(blob); err != nil {
		t.Fatal(err)
	}
	_, err = c.Copy(t.Context(), from, endpoint(t, to.host()+"/x:1"), registry.CopyOptions{})
	failsWith(t, err, errdef.ErrNotFound, dir+": "+b.desc[1].Digest.String()+": not found")
}

func TestLayoutsThatAreNone(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one")
	b.push(t, s.ref(t, "x:1"))
	c, _ := newClient(t, registry.Options{})
	write := func(files map[string]string) string {
		dir := t.TempDir()
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	const version = `{"imageLayoutVersion":"1.0.0"}`
	entry := func(tag string, d digest.Digest) string {
		data, err := json.Marshal(ocispec.Descriptor{MediaType: "m", Digest: d, Size: 1, Annotations: map[string]string{"org.opencontainers.image.ref.name": tag}})
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	two := `{"manifests":[` + entry("a", digest.Digest(digestA)) + "," + entry("b", digest.FromString("b")) + `]}`
	for name, tt := range map[string]struct {
		files     map[string]string
		tag       string
		read, put string // errors, without the directory; put "" means that it works
	}{
		"a directory with files": {map[string]string{"notes.txt": "x"}, "", "not an OCI layout", "not an OCI layout, and not empty"},
		"another version":        {map[string]string{"oci-layout": `{"imageLayoutVersion":"2.0.0"}`}, "", "not an OCI layout of version 1", "not an OCI layout of version 1"},
		"a broken index": {map[string]string{"oci-layout": version, "index.json": `{"manifests":[`}, "",
			"index.json: line 1, column 15: ends too early", "index.json: line 1, column 15: ends too early"},
		"an index that is none": {map[string]string{"oci-layout": version, "index.json": `{"manifests":1}`}, "",
			`index.json: "manifests" is not a list`, `index.json: "manifests" is not a list`},
		"an unknown tag":   {map[string]string{"oci-layout": version, "index.json": two}, "c", `image manifests with the tag "c": 0`, ""},
		"no tag to choose": {map[string]string{"oci-layout": version, "index.json": two}, "", "2 image manifests, and no tag to choose one by", ""},
		"an empty one":     {map[string]string{"oci-layout": version, "index.json": `{"manifests":[]}`}, "", "0 image manifests, and no tag to choose one by", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(tt.files)
			_, err := registry.OpenLayout(dir).Resolve(t.Context(), tt.tag)
			if err == nil || err.Error() != dir+": "+tt.read {
				t.Errorf("got  %v\nwant %s: %s", err, dir, tt.read)
			}
			var absent *registry.AbsentError
			var broken *registry.LayoutError
			if !errors.As(err, &absent) && !errors.As(err, &broken) || errors.As(err, &absent) != errors.Is(err, errdef.ErrNotFound) {
				t.Errorf("class of %v", err)
			}
			_, err = c.Copy(t.Context(), endpoint(t, s.host()+"/x:1"), endpoint(t, "oci-layout:"+dir), registry.CopyOptions{})
			if tt.put == "" && err != nil || tt.put != "" && (err == nil || err.Error() != dir+": "+tt.put) {
				t.Errorf("got  %v\nwant %s: %s", err, dir, tt.put)
			}
			for name, content := range tt.files {
				if got, err := os.ReadFile(filepath.Join(dir, name)); tt.put != "" && (err != nil || string(got) != content) {
					t.Errorf("%s was changed: %v", name, err)
				}
			}
		})
	}
	t.Run("nothing there", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "absent")
		_, err := registry.OpenLayout(dir).Resolve(t.Context(), "")
		failsWith(t, err, errdef.ErrNotFound, dir+": not an OCI layout")
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Error("it was made")
		}
	})
}

func TestOfflineACopyOutOfTheCacheWorks(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one", big("two"))
	ref := s.ref(t, "x:1")
	b.push(t, ref)
	store, err := cache.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := newClient(t, registry.Options{Cache: store})
	if _, err := pull(t, c, ref, b); err != nil {
		t.Fatal(err)
	}
	off, _ := newClient(t, registry.Options{Cache: store, Offline: true})
	dir := filepath.Join(t.TempDir(), "layout")
	if _, err := off.Copy(t.Context(), registry.Endpoint{Reference: ref}, endpoint(t, "oci-layout:"+dir), registry.CopyOptions{}); err != nil {
		t.Fatal(err)
	}
	holds(t, registry.OpenLayout(dir), b)
}

func FuzzLayoutIndex(f *testing.F) {
	f.Add([]byte(`{"schemaVersion":2,"manifests":[{"mediaType":"m","digest":"` + digestA + `","size":1,"annotations":{"org.opencontainers.image.ref.name":"1"}}]}`))
	f.Add([]byte(`{"manifests":[null,1,{}],"x":{"manifests":[]}}`))
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, "index.json"), data, 0o644); err != nil {
			t.Fatal(err)
		}
		desc, err := registry.OpenLayout(dir).Resolve(t.Context(), "1")
		if err == nil && desc.Digest == "" {
			t.Errorf("%+v", desc)
		}
	})
}
