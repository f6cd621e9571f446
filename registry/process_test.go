package registry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
)

const (
	// childVariable makes the test binary a process that pulls or pushes with the cache in this directory.
	childVariable = "IRISFIX_TEST_REGISTRY_CHILD"

	// longVariable makes the tests of kills long, seedVariable repeats a run, and registryVariable names a registry to
	// be used instead of the embedded one.
	longVariable     = "IRISFIX_TEST_LONG"
	seedVariable     = "IRISFIX_TEST_SEED"
	registryVariable = "IRISFIX_TEST_REGISTRY"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		if err := child(context.Background(), dir, os.Args[1], os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child pulls references, pushes what the cache has under the digest that follows a reference, or tags that and pulls
// it again.
func child(ctx context.Context, dir, what string, args []string) error {
	store, err := cache.Open(dir, nil)
	if err != nil {
		return err
	}
	defer store.Close()
	c := registry.New(registry.Options{Cache: store, Retry: impatient})
	defer c.Close()
	for ; len(args) > 0; args = args[2:] {
		ref, err := registry.ParseReference(args[0])
		if err != nil {
			return err
		}
		if what != "pull" {
			root, err := rootOf(ctx, store, digest.Digest(args[1]))
			if err == nil {
				_, err = c.Push(ctx, ref, store, root, registry.PushOptions{})
			}
			if err != nil {
				return err
			}
		}
		if what != "push" {
			if err := pullAll(ctx, c, store, ref, digest.Digest(args[1])); err != nil {
				return err
			}
		}
	}
	return nil
}

func rootOf(ctx context.Context, store *cache.Cache, d digest.Digest) (ocispec.Descriptor, error) {
	desc := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: d, Size: -1}
	data, err := store.Bytes(ctx, desc)
	desc.Size = int64(len(data))
	return desc, err
}

// pullAll brings a bundle into the cache, which must be the one that is expected.
func pullAll(ctx context.Context, c *registry.Client, store *cache.Cache, ref registry.Reference, want digest.Digest) error {
	r, err := c.Resolve(ctx, ref)
	if err != nil {
		return err
	}
	if r.Descriptor.Digest != want {
		return fmt.Errorf("%s is %s, not %s", ref, r.Descriptor.Digest, want)
	}
	data, err := store.Bytes(ctx, r.Descriptor)
	if err != nil {
		return err
	}
	var m ocispec.Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	report, err := c.FetchAll(ctx, ref, append(m.Layers, m.Config), nil)
	fmt.Printf("fetched %d\n", report.Fetched)
	return err
}

// runChild runs the test binary as another process. Started is called when it runs, with what ends it and returns when
// it has ended.
func runChild(dir string, started func(kill func()), args ...string) (string, error) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), childVariable+"="+dir)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return "", err
	}
	ended := make(chan struct{})
	if started != nil {
		started(func() { cmd.Process.Kill(); <-ended })
	}
	err := cmd.Wait()
	close(ended)
	return out.String(), err
}

func long() bool { return os.Getenv(longVariable) != "" }

// accidents kills a process or cuts a connection whenever so many bytes more have passed.
type accidents struct {
	proxy       *faultproxy.Proxy
	mu          sync.Mutex
	passed      int64
	at          []int64 // when, in ascending order
	kill        func()
	kills, cuts int
	untaken     int64 // what the kernel had for processes when they were killed; a little of it they still took
}

func (a *accidents) started(kill func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kill = kill
}

func (a *accidents) over() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.at) == 0
}

// see is told of bytes on their way. A panic cuts the connection. While a process ends nothing else is on its way.
func (a *accidents) see(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.passed += int64(n)
	if len(a.at) == 0 || a.passed < a.at[0] || a.kill == nil {
		return
	}
	a.at = a.at[1:]
	if len(a.at)%2 == 0 {
		a.cuts++
		panic(http.ErrAbortHandler)
	}
	a.kills++
	a.untaken += a.proxy.Untaken()
	a.kill()
	a.kill = nil
}

// random points in total bytes.
func points(r *faultproxy.Rand, n int, total int64) (at []int64) {
	for range n {
		at = append(at, r.Below(total))
	}
	slices.Sort(at)
	return at
}

// Processes are killed and connections cut at random over pushes and pulls of many files and a large one: both always
// end with the right bytes. What is counted for a pull is every byte of a blob that the proxy gave to a connection,
// also those that were in buffers when the process was killed.
func TestKilledAtAnyInstantTransfersEndWithTheRightBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	files, size, large, pushes, pulls := 50, 1_000_000, 64*mib, 8, 12
	if long() {
		size, large, pushes, pulls = 4_000_000, 256*mib, 80, 120
	}
	seed := faultproxy.NewRand(t, os.Getenv(seedVariable))
	layers := []string{string(seed.Bytes(large))}
	for range files {
		layers = append(layers, string(seed.Bytes(size)))
	}
	b := newBundle(t, layers...)
	total := b.size()
	p := faultproxy.New(t, behind(t), faultproxy.Options{WriteBuffer: 64 << 10})
	ref := p.Host() + "/kills/x:1"
	from := filepath.Join(t.TempDir(), "from")
	store, err := cache.Open(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	for d, data := range b.blobs {
		if err := store.StoreBytes(t.Context(), ocispec.Descriptor{Digest: d, Size: int64(len(data))}, data); err != nil {
			t.Fatal(err)
		}
	}
	store.Close()

	until := func(a *accidents, dir, what string) {
		for tries := 0; ; tries++ {
			out, err := runChild(dir, a.started, what, ref, b.root.Digest.String())
			if err == nil && (what == "pull" || a.over()) { // what has been pulled cannot be pulled again
				return
			}
			if tries > 2*(pushes+pulls) {
				t.Fatalf("%s: %v: %s", what, err, out)
			}
		}
	}
	up := &accidents{proxy: p, at: points(seed, pushes, 2*total/3)}
	p.Play(func(r *http.Request, _ int) faultproxy.Fault { return faultproxy.WatchUpload(up.see) })
	until(up, from, "push")

	down := &accidents{proxy: p, at: points(seed, pulls, total*9/10)}
	p.Play(func(r *http.Request, _ int) faultproxy.Fault {
		return faultproxy.All(faultproxy.Watch(down.see), faultproxy.Slow(16*mib))
	})
	to := filepath.Join(t.TempDir(), "to")
	until(down, to, "pull")
	sent := p.Sent("/blobs/")
	if !up.over() || !down.over() {
		t.Error("fewer accidents than there should be")
	}
	taken := float64(sent-down.untaken) / float64(total)
	t.Logf("pushes: %d kills, %d cuts; pulls: %d kills, %d cuts; %.4f of the bytes", up.kills, up.cuts, down.kills, down.cuts, taken)
	if taken > 1.02 {
		t.Errorf("%d bytes of %d were sent, %d of them not taken", sent, total, down.untaken)
	}
	got, err := cache.Open(to, nil)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, got, b)
	if report, err := got.Verify(t.Context(), nil); err != nil || report.Damaged != nil || report.Checked != len(b.blobs) {
		t.Errorf("%+v %v", report, err)
	}
}

// Many processes that want one blob at the same time fetch it once.
func TestManyProcessesPullOnce(t *testing.T) {
	processes := 8
	if long() {
		processes = 32
	}
	content := random(t, 20*mib)
	s, b, ref, blob := large(t, content, faultproxy.Options{})
	dir := filepath.Join(t.TempDir(), "cache")
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			if out, err := runChild(dir, nil, "pull", ref.String(), b.root.Digest.String()); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	if n := s.Count(blob); n.Bytes != int64(len(content)) {
		t.Errorf("%+v for %d bytes", n, len(content))
	}
	store, err := cache.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, store, b)
}

// Processes that tag and pull at once, over one cache, each get what they tagged.
func TestManyProcessesTagAndPull(t *testing.T) {
	processes, references := 4, 5
	if long() {
		processes, references = 8, 20
	}
	s := startServer(t, behind(t), faultproxy.Options{})
	dir := filepath.Join(t.TempDir(), "cache")
	store, err := cache.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var right sync.Map
	for i := range processes {
		args := []string{"both"}
		for k := range references {
			b := newBundle(t, "shared", fmt.Sprintf("%d of %d", k, i))
			for d, data := range b.blobs {
				if err := store.StoreBytes(t.Context(), ocispec.Descriptor{Digest: d, Size: int64(len(data))}, data); err != nil {
					t.Fatal(err)
				}
			}
			ref := fmt.Sprintf("%s/tags/x:%d-%d", s.host(), i, k)
			right.Store(ref, b.root.Digest)
			args = append(args, ref, b.root.Digest.String())
		}
		wg.Go(func() {
			if out, err := runChild(dir, nil, args...); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	refs, err := store.Refs()
	if err != nil || len(refs) != processes*references {
		t.Errorf("%d references remembered: %v", len(refs), err)
	}
	for _, r := range refs {
		if want, ok := right.Load(r.Reference); !ok || want != r.Descriptor.Digest {
			t.Errorf("%s is remembered as %s, not %v", r.Reference, r.Descriptor.Digest, want)
		}
	}
}
