package bundle

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/bundle/blockmap"
	"github.com/irisfix/irisfix/internal/stamp"
)

// objects copies the files of a fixture directory into a store by digest, which is how Git LFS keeps them.
func objects(t *testing.T, dir string) string {
	t.Helper()
	store, past := t.TempDir(), time.Now().Add(-time.Hour)
	for _, f := range openTest(t, dir).Manifest.Files() {
		data, err := os.ReadFile(filepath.Join(dir, f.Path))
		if err != nil {
			t.Fatal(err)
		}
		put(t, store, objectName(f), data)
		if err := os.Chtimes(filepath.Join(store, objectName(f)), past, past); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

func objectName(f File) string { return f.Digest.Encoded()[:2] + "/" + f.Digest.Encoded() }

// counted are options that add up the bytes which are read to learn something of a file.
func counted(n *int64) Options {
	return Options{Progress: func(_ string, read int64) { *n += read }, Stamps: stamp.Load("")}
}

func openDraft(t *testing.T, dir, store string, o Options) (*Draft, *Fixture) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := OpenObjects(raw, dir, store, objectName, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	d, err := NewDraft(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return d, f
}

// largeFixture has a file with a block map and one without.
func largeFixture(t *testing.T) string {
	large := bytes.Repeat([]byte("0123456789abcdef"), blockmap.MinFile/16)
	return newFixture(t, "large", []string{"small", "large"}, map[string][]byte{"small": large[:100], "large": append(large, 'x')})
}

func digestOf(t *testing.T, dir string) digest.Digest {
	t.Helper()
	b, err := Pack(t.Context(), openTest(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	return b.Descriptor.Digest
}

// send reads a blob as a push does.
func send(t *testing.T, d *Draft, desc ocispec.Descriptor) {
	t.Helper()
	r, err := d.Fetch(t.Context(), desc)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h := digest.SHA256.Digester()
	if n, err := io.Copy(h.Hash(), r); err != nil || n != desc.Size || h.Digest() != desc.Digest {
		t.Fatalf("%d bytes, %s: %v", n, h.Digest(), err)
	}
}

func TestADraftReadsNoFileAgainThatWasSent(t *testing.T) {
	dir := largeFixture(t)
	store, read := objects(t, dir), int64(0)
	o := counted(&read)
	d, _ := openDraft(t, dir, store, o)
	large := d.Large()
	if len(large) != 1 || large[0].Size != blockmap.MinFile+1 {
		t.Fatalf("large: %v", large)
	}
	send(t, d, large[0])
	b, err := d.Bundle(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := b.Descriptor.Digest, digestOf(t, dir); got != want || read != 0 {
		t.Errorf("digest %s, want %s; %d bytes read beside sending", got, want, read)
	}
	for _, l := range append(b.Image.Layers, b.Image.Config, b.Descriptor) {
		r, err := b.Fetch(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		got, err := digest.FromReader(r)
		if r.Close(); err != nil || got != l.Digest {
			t.Errorf("%s: %s %v", l.Digest, got, err)
		}
	}
	// What was learned is remembered: the next draft reads nothing at all.
	again, _ := openDraft(t, dir, store, o)
	if b, err = again.Bundle(t.Context()); err != nil || b.Descriptor.Digest != digestOf(t, dir) || read != 0 {
		t.Errorf("again: %v, %d bytes", err, read)
	}
}

func TestADraftReadsOnceWhatNobodyHasSent(t *testing.T) {
	dir := largeFixture(t)
	read := int64(0)
	d, f := openDraft(t, dir, objects(t, dir), counted(&read))
	b, err := d.Bundle(t.Context())
	if err != nil || b.Descriptor.Digest != digestOf(t, dir) || read != blockmap.MinFile+1 {
		t.Errorf("%v, %d bytes", err, read)
	}
	if packed, err := Pack(t.Context(), f); err != nil || packed.Descriptor.Digest != b.Descriptor.Digest {
		t.Errorf("packed from the store: %v", err)
	}
}

func TestADraftRefusesWhatDoesNotMatch(t *testing.T) {
	dir := largeFixture(t)
	store := objects(t, dir)
	files := openTest(t, dir).Manifest.Files()
	read := int64(0)
	d, f := openDraft(t, dir, store, counted(&read))
	send(t, d, d.Large()[0])
	put(t, store, objectName(files[1]), bytes.Repeat([]byte("!"), blockmap.MinFile+1))
	var changed *ChangedError
	if _, err := d.Bundle(t.Context()); !errors.As(err, &changed) || changed.Path != "large.dat" {
		t.Errorf("changed after it was sent: %v", err)
	}
	var mismatch *MismatchError
	if d, err := NewDraft(t.Context(), f); err != nil {
		t.Error(err)
	} else if _, err := d.Bundle(t.Context()); !errors.As(err, &mismatch) || mismatch.Path != "large.dat" {
		t.Errorf("other bytes: %v", err)
	}
	if err := os.Remove(filepath.Join(store, objectName(files[0]))); err != nil {
		t.Fatal(err)
	}
	var missing *MissingFileError
	if _, err := NewDraft(t.Context(), f); !errors.As(err, &missing) || missing.Path != "small.dat" {
		t.Errorf("absent: %v", err)
	}
}

// HTTP clients close what they send while they read it, and again at the end.
func TestAFileMayBeClosedWhileItIsRead(t *testing.T) {
	dir := largeFixture(t)
	store, read := objects(t, dir), int64(0)
	d, _ := openDraft(t, dir, store, counted(&read))
	for range 20 {
		r, err := d.Fetch(t.Context(), d.Large()[0])
		if err != nil {
			t.Fatal(err)
		}
		begun, done := make(chan struct{}), make(chan error)
		go func() {
			buf := make([]byte, 1000)
			_, err := io.ReadFull(r, buf)
			close(begun)
			for err == nil {
				_, err = r.Read(buf)
			}
			done <- err
		}()
		<-begun
		if err := errors.Join(r.Close(), r.Close()); err != nil {
			t.Error(err)
		}
		if err := <-done; err != io.EOF && !errors.Is(err, fs.ErrClosed) {
			t.Error(err)
		}
	}
	b, err := d.Bundle(t.Context())
	if err != nil || b.Descriptor.Digest != digestOf(t, dir) {
		t.Error(err)
	}
}

func TestADraftThatIsStoppedReadsNoFurther(t *testing.T) {
	dir := largeFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	read := int64(0)
	o := counted(&read)
	o.Progress = func(string, int64) { cancel() }
	d, _ := openDraft(t, dir, objects(t, dir), o)
	if _, err := d.Bundle(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
