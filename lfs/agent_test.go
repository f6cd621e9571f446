package lfs

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/faultproxy"
	"github.com/irisfix/irisfix/registry"
)

// talk is a conversation between git-lfs and an agent.
type talk struct {
	t     *testing.T
	to    *io.PipeWriter
	lines *bufio.Scanner
	ended chan error
	store Store
}

func begin(t *testing.T, w *world) *talk {
	t.Helper()
	store := Store{Objects: t.TempDir(), Temp: filepath.Join(t.TempDir(), "lfs", "tmp")}
	agent := &Agent{Explain: func(err error) (int, string) { return 7, "explained: " + err.Error() }}
	client := registry.New(registry.Options{Cache: w.cache, Retry: registry.Retry{Attempts: 1}, Notify: agent.Notify})
	t.Cleanup(client.Close)
	agent.Begin = func(context.Context, string) (Transfers, error) {
		return &ArchiveTransfers{Archive: Archive{client, w.archive(t).At}, Cache: w.cache, Store: store}, nil
	}
	return serve(t, t.Context(), agent, store)
}

func serve(t *testing.T, ctx context.Context, agent *Agent, store Store) *talk {
	in, to := io.Pipe()
	from, out := io.Pipe()
	k := &talk{t, to, bufio.NewScanner(from), make(chan error, 1), store}
	t.Cleanup(func() { to.Close(); from.Close() })
	go func() {
		err := agent.Serve(ctx, in, out)
		out.Close()
		k.ended <- err
	}()
	return k
}

func (k *talk) say(line string) {
	k.t.Helper()
	if _, err := io.WriteString(k.to, line+"\n"); err != nil {
		k.t.Fatal(err)
	}
}

// answer reads up to the end of a transfer, and what came before it as progress.
func (k *talk) answer() (end complete, told []progress) {
	k.t.Helper()
	for k.lines.Scan() {
		var p progress
		if err := json.Unmarshal(k.lines.Bytes(), &p); err != nil {
			k.t.Fatal(err)
		}
		if p.Event == "progress" {
			told = append(told, p)
			continue
		}
		if err := json.Unmarshal(k.lines.Bytes(), &end); err != nil {
			k.t.Fatal(err)
		}
		return end, told
	}
	k.t.Fatal("the agent says nothing more")
	return end, told
}

func (k *talk) download(data string) (complete, []progress) {
	k.t.Helper()
	k.say(fmt.Sprintf(`{"event":"download","oid":"%s","size":%d,"action":null}`, digest.FromString(data).Encoded(), len(data)))
	return k.answer()
}

func (k *talk) upload(data string) complete {
	k.t.Helper()
	path := filepath.Join(k.t.TempDir(), "object")
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		k.t.Fatal(err)
	}
	k.say(fmt.Sprintf(`{"event":"upload","oid":"%s","size":%d,"path":%q,"action":null}`, digest.FromString(data).Encoded(), len(data), path))
	end, _ := k.answer()
	return end
}

func (k *talk) init(operation string) {
	k.t.Helper()
	k.say(`{"event":"init","operation":"` + operation + `","remote":"origin","concurrent":true,"concurrenttransfers":8}`)
	if !k.lines.Scan() || k.lines.Text() != "{}" {
		k.t.Fatalf("answered %q", k.lines.Text())
	}
}

// end says goodbye as git-lfs does, which no longer listens then.
func (k *talk) end() {
	k.t.Helper()
	k.say(`{"event":"terminate"}`)
	if err := <-k.ended; err != nil {
		k.t.Error(err)
	}
}

func TestAnAgentGivesAwayCopies(t *testing.T) {
	c, w := shop(t), newWorld(t)
	if _, err := c.plan().Import(t.Context(), w.options()); err != nil {
		t.Fatal(err)
	}
	w.fresh(t)
	w.Play(nil)
	k := begin(t, w)
	k.init("download")
	for range 2 { // the second comes from the cache
		end, told := k.download(large("one"))
		data, err := os.ReadFile(end.Path)
		if end.Event != "complete" || end.Error != nil || err != nil || string(data) != large("one") || filepath.Dir(end.Path) != k.store.Temp {
			t.Fatalf("%+v, %v", end, err)
		}
		if !strings.HasPrefix(filepath.Base(end.Path), digest.FromString(large("one")).Encoded()+"-") {
			t.Errorf("git-lfs would not clear up %s", end.Path)
		}
		sum := int64(0)
		for _, p := range told {
			if sum += p.Since; p.SoFar != sum || p.OID != end.OID {
				t.Errorf("progress %+v", told)
			}
		}
		if sum != int64(len(data)) {
			t.Errorf("%d bytes told of", sum)
		}
		// What is done to the file is not done to the cache.
		if err := os.WriteFile(end.Path, []byte("mine now"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.Count("/v2/acme/fixtures/lfs/blobs/" + digest.FromString(large("one")).String()).Requests; n != 1 {
		t.Errorf("%d requests", n)
	}
	// One that is not there is said, and the agent goes on.
	if end, _ := k.download("nowhere"); end.Error == nil || end.Error.Code != 7 || !strings.HasPrefix(end.Error.Message, "explained: ") || end.Path != "" {
		t.Errorf("%+v", end)
	}
	if end, _ := k.download("logo"); end.Error != nil {
		t.Errorf("%+v", end)
	}
	k.end()
	if left, _ := filepath.Glob(filepath.Join(k.store.Temp, ".irisfix-*")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestADownloadThatWasCutGoesOn(t *testing.T) {
	c, w := shop(t), newWorld(t)
	if _, err := c.plan().Import(t.Context(), w.options()); err != nil {
		t.Fatal(err)
	}
	w.fresh(t)
	w.Play(func(r *http.Request, _ int) faultproxy.Fault {
		if strings.Contains(r.URL.Path, "/blobs/") {
			return faultproxy.CutAfter(3 << 20)
		}
		return nil
	})
	k := begin(t, w)
	k.init("download")
	if end, _ := k.download(large("one")); end.Error == nil {
		t.Fatalf("%+v", end)
	}
	w.Play(nil)
	if end, _ := k.download(large("one")); end.Error != nil {
		t.Errorf("%+v", end)
	}
	if n := w.Sent("/blobs/"); n >= int64(len(large("one")))-(2<<20) {
		t.Errorf("%d bytes came once more", n)
	}
	k.end()
}

func TestWhatIsUploadedIsNamedBeforeGitLFSHearsOfIt(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for agent := range 3 { // several at once, as git-lfs starts them
		k := begin(t, w)
		wg.Go(func() {
			k.init("upload")
			for i := range 4 {
				data := fmt.Sprintf("object %d of %d", i, agent)
				if end := k.upload(data); end.Error != nil {
					t.Errorf("%+v", end)
				}
				named, err := w.archive(t).Named(t.Context())
				if err != nil || !named[digest.FromString(data)] {
					t.Errorf("%s is named: %v, %v", data, named[digest.FromString(data)], err)
				}
			}
			if end := k.upload("the same for all"); end.Error != nil {
				t.Errorf("%+v", end)
			}
			k.end()
		})
	}
	wg.Wait()
	if named, err := w.archive(t).Named(t.Context()); err != nil || len(named) != 13 {
		t.Errorf("%d objects, %v", len(named), err)
	}
	if tags, err := w.client.Tags(t.Context(), w.archive(t).At); err != nil || len(tags) != 3 {
		t.Errorf("tags %v, %v", tags, err)
	}
}

func TestAnUploadOfOtherBytesFails(t *testing.T) {
	w := newWorld(t)
	k := begin(t, w)
	k.init("upload")
	path := filepath.Join(t.TempDir(), "object")
	if err := os.WriteFile(path, []byte("other"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, path + ".none"} {
		k.say(fmt.Sprintf(`{"event":"upload","oid":"%s","size":5,"path":%q}`, digest.FromString("right").Encoded(), p))
		if end, _ := k.answer(); end.Error == nil {
			t.Errorf("%s was taken", p)
		}
	}
	if end := k.upload("right"); end.Error != nil {
		t.Errorf("%+v", end)
	}
	k.end()
}

func TestTheEndOfAnAgent(t *testing.T) {
	w := newWorld(t)
	k := begin(t, w)
	k.to.Close()
	if err := <-k.ended; err != nil {
		t.Errorf("nobody to talk to: %v", err)
	}
	for _, line := range []string{"hello", `{"event":"download","oid":"` + hex64 + `","size":1}`, strings.Repeat("x", maxMessage+2)} {
		k := begin(t, w)
		go io.WriteString(k.to, line+"\n") // it may not be read to its end
		var bad *MessageError
		if err := <-k.ended; !errors.As(err, &bad) {
			t.Errorf("%.20s: %v", line, err)
		}
	}
	ctx, stop := context.WithCancelCause(t.Context())
	agent := &Agent{Begin: func(context.Context, string) (Transfers, error) { return nil, nil }}
	k = serve(t, ctx, agent, Store{})
	cause := errors.New("a signal")
	stop(cause)
	if err := <-k.ended; err != cause {
		t.Errorf("stopped: %v", err)
	}
}

func TestABeginningThatFailsIsAnAnswer(t *testing.T) {
	agent := &Agent{
		Begin:   func(context.Context, string) (Transfers, error) { return nil, errors.New("no cache") },
		Explain: func(err error) (int, string) { return 12, "explained: " + err.Error() },
	}
	k := serve(t, t.Context(), agent, Store{})
	k.say(`{"event":"init","operation":"download"}`)
	if !k.lines.Scan() || k.lines.Text() != `{"error":{"code":12,"message":"explained: no cache"}}` {
		t.Errorf("answered %q", k.lines.Text())
	}
	k.end()
}
