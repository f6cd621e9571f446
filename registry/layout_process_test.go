package registry_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/oci"

	"github.com/irisfix/irisfix/registry"
)

// layoutChild makes the test a child process that copies into this layout and does nothing else: directory, repository
// and name, with | between them.
const layoutChild = "IRISFIX_TEST_LAYOUT_CHILD"

// tagsEach is how many tags each child sets: two bundles and their signatures, in turn.
const tagsEach = 20

func copyTags(dir, repository, name string) error {
	c := registry.New(registry.Options{})
	defer c.Close()
	for i := range tagsEach {
		from, err := registry.ParseEndpoint(repository + ":" + strconv.Itoa(i%2))
		if err != nil {
			return err
		}
		to := registry.Endpoint{Dir: dir, Tag: fmt.Sprintf("%s-%d", name, i)}
		if _, err := c.Copy(context.Background(), from, to, registry.CopyOptions{Recursive: i%4 == 0}); err != nil {
			return err
		}
	}
	return nil
}

func TestNoTagIsLostWhenManyProcessesCopyIntoOneLayout(t *testing.T) {
	if args := strings.Split(os.Getenv(layoutChild), "|"); len(args) == 3 {
		if err := copyTags(args[0], args[1], args[2]); err != nil {
			t.Fatal(err)
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := newEmbedded(t)
	bundles := []*bundle{newBundle(t, "shared", big("even")), newBundle(t, "shared", big("odd"))}
	for i, b := range bundles {
		b.push(t, s.ref(t, fmt.Sprintf("x:%d", i)))
	}
	signature := referrer(t, bundles[0].root, "application/x.signature", "signed")
	signature.push(t, s.ref(t, "x@"+signature.root.Digest.String()))

	dir := filepath.Join(t.TempDir(), "layout")
	const processes = 8
	var wg sync.WaitGroup
	out, errs := make([]bytes.Buffer, processes), make([]error, processes)
	for i := range processes {
		wg.Go(func() {
			cmd := exec.Command(self, "-test.run=^"+t.Name()+"$")
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%s/x|p%d", layoutChild, dir, s.host(), i))
			cmd.Stdout, cmd.Stderr = &out[i], &out[i]
			errs[i] = cmd.Run()
		})
	}
	wg.Wait()
	for i := range processes {
		if errs[i] != nil {
			t.Errorf("process %d: %v: %s", i, errs[i], out[i].String())
		}
	}
	store, err := oci.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	for p := range processes {
		for i := range tagsEach {
			desc, err := store.Resolve(t.Context(), fmt.Sprintf("p%d-%d", p, i))
			if err != nil || desc.Digest != bundles[i%2].root.Digest {
				t.Errorf("p%d-%d: %s %v", p, i, desc.Digest, err)
			}
		}
	}
	for _, b := range append(bundles, signature) {
		holds(t, store, b)
	}
	if list, err := store.Predecessors(t.Context(), bundles[0].root); err != nil || len(list) != 1 || !content.Equal(list[0], signature.root) {
		t.Errorf("referrers %v %v", list, err)
	}
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || strings.HasPrefix(d.Name(), ".") {
			t.Errorf("left over: %s %v", path, err)
		}
		return nil
	})
}
