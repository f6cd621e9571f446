package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/registry/server"
)

// child is a registry in a process of its own.
type child struct {
	t   *testing.T
	url string
	cmd *exec.Cmd
}

func startChild(t *testing.T, dir string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveVariable+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: cmd}
	t.Cleanup(c.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	c.url = strings.TrimPrefix(strings.TrimSpace(line), "listening on ")
	return c
}

// kill ends the process without a chance to tidy up.
func (c *child) kill() {
	if c.cmd.ProcessState == nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	r := newRegistry(t)
	d := r.blob("a/b", whole)
	r.blob("a/b", "unnamed by any manifest")
	m := image(`,"subject":{"digest":"`+noSuch+`"}`, d)
	md := r.manifest("a/b", "V1", imageType, m)
	r.manifest("c", "v1", "text/plain", "x")
	session := r.begin("a/b")
	paths := []string{"/v2/_catalog", "/v2/a/b/tags/list", "/v2/a/b/manifests/V1", "/v2/a/b/manifests/" + md, "/v2/a/b/blobs/" + d,
		"/v2/a/b/blobs/" + digestOf("unnamed by any manifest"), "/v2/a/b/referrers/" + noSuch, "/v2/c/manifests/v1"}
	before := map[string]string{}
	for _, p := range paths {
		before[p] = r.want(200, "GET", p, nil).body
	}
	r.restart()
	for _, p := range paths {
		equal(t, p, r.want(200, "GET", p, nil).body, before[p])
	}
	r.want(404, "GET", session, nil)
	equal(t, "uploads", files(t, r.file("uploads")), []string{})
	equal(t, "reports", r.reports(), []string{})
}

func TestKilledServerLeavesNothingHalfDone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "registry")
	c := startChild(t, dir)
	do(t, "POST", c.url, "/v2/a/blobs/uploads/?digest="+digestOf("kept"), strings.NewReader("kept"))
	size := 1 << 20
	at := do(t, "POST", c.url, "/v2/a/blobs/uploads/", nil).header.Get("Location")
	cut := breakOff(t, c.url+at, pattern(size))
	waitForUpload(t, dir, int64(size))
	c.kill()
	cut()
	// What a kill between two steps of a file would leave:
	write(t, filepath.Join(dir, "repositories", "a", "blobs", "sha256", ".irisfix-1.tmp"), "x")
	unmarked := filepath.Join(dir, "blobs", "sha256", strings.TrimPrefix(digestOf("unmarked"), "sha256:"))
	write(t, unmarked, "unmarked")

	c = startChild(t, dir)
	equal(t, "half of the blob", do(t, "HEAD", c.url, "/v2/a/blobs/"+digestOf(pattern(size)), nil).status, 404)
	equal(t, "upload", do(t, "GET", c.url, at, nil).status, 404)
	equal(t, "blob that was whole", do(t, "GET", c.url, "/v2/a/blobs/"+digestOf("kept"), nil).body, "kept")
	hex := strings.TrimPrefix(digestOf("kept"), "sha256:")
	equal(t, "files", files(t, dir), []string{"blobs/sha256/" + hex, "irisfix-registry", "repositories/a/blobs/sha256/" + hex})
}

// A power cut may take the bytes of what was not synced: of blobs that no manifest names, and of those only.
func TestBlobThatAPowerCutDamagedIsRemovedAndCanBePushedAgain(t *testing.T) {
	r := newRegistry(t)
	d, good := r.blob("a", whole), r.blob("a", "good")
	r.stop()
	write(t, r.content(d), whole[:3])
	r.start()
	r.want(404, "GET", "/v2/a/blobs/"+d, nil)
	r.want(200, "GET", "/v2/a/blobs/"+good, nil)
	r.blob("a", whole)
	equal(t, "pushed again", r.want(200, "GET", "/v2/a/blobs/"+d, nil).body, whole)
}

func TestDamageIsHealedByPushingAgain(t *testing.T) {
	r := newRegistry(t)
	d := r.blob("a", whole)
	md := r.manifest("a", "v1", imageType, image("", d))
	write(t, r.content(d), whole[:3])
	path := r.file("repositories", "a", "manifests", "sha256", strings.TrimPrefix(md, "sha256:"))
	write(t, path, imageType+"\n{}")
	equal(t, "manifest", r.want(404, "GET", "/v2/a/manifests/v1", nil).body,
		`{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown to registry"}]}`)
	equal(t, "reports", r.reports(), []string{path + ": stored content is damaged"})
	r.blob("a", whole)
	r.manifest("a", "v1", imageType, image("", d))
	equal(t, "blob", r.want(200, "GET", "/v2/a/blobs/"+d, nil).body, whole)
	equal(t, "manifest", r.want(200, "GET", "/v2/a/manifests/v1", nil).body, image("", d))

	tag := r.file("repositories", "a", "tags", "v1.tag")
	write(t, tag, "sha256:../../x\n")
	r.want(404, "GET", "/v2/a/manifests/v1", nil)
	equal(t, "reports", r.reports()[1:], []string{tag + ": stored content is damaged"})
}

func TestFailureOfTheDiskIsReportedAndAnsweredWithoutAPath(t *testing.T) {
	r := newRegistry(t)
	if err := os.Remove(r.file("uploads")); err != nil {
		t.Fatal(err)
	}
	a := r.want(500, "POST", "/v2/a/blobs/uploads/?digest="+digestOf(whole), strings.NewReader(whole))
	equal(t, "body", a.body, `{"errors":[{"code":"UNKNOWN","message":"storage: no such file or directory"}]}`)
	reports := r.reports()
	if len(reports) != 1 || !strings.Contains(reports[0], r.file("uploads")) {
		t.Errorf("reported %q", reports)
	}
}

func TestDirectoryServesOneAtATime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "registry")
	refused := func() {
		t.Helper()
		_, err := server.New(t.Context(), dir)
		var inUse *server.InUseError
		if !errors.As(err, &inUse) || inUse.Dir != dir {
			t.Fatalf("got %v", err)
		}
		equal(t, "error", err, dir+": registry directory is in use")
	}
	c := startChild(t, dir)
	refused()
	c.kill() // the lock goes with the process
	s, err := server.New(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	refused()
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDirectoryWithOtherContentIsLeftAlone(t *testing.T) {
	for name, content := range map[string]string{
		"notes.txt":                  "x",
		"uploads/.irisfix-1.tmp":     "x",
		"irisfix-registry":           "irisfix registry, format 2\n",
		"repositories/a/file":        "x",
		".irisfix-dir/important":     "x",
		"blobs/sha256/" + noSuch[7:]: "x",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, name), content)
			_, err := server.New(t.Context(), dir)
			var not *server.NotRegistryError
			if !errors.As(err, &not) || not.Dir != dir {
				t.Fatalf("got %v", err)
			}
			equal(t, "error", err, dir+": not a registry directory")
			equal(t, "files", files(t, dir), []string{name})
			if _, err := os.Stat(filepath.Join(dir, "lock")); err == nil {
				t.Error("a lock file was made")
			}
		})
	}
}

func TestClosedServerAnswersThatItIs(t *testing.T) {
	r := newRegistry(t)
	at := r.begin("a")
	if err := r.server.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "body", r.want(503, "GET", at, nil).body, `{"errors":[{"code":"UNKNOWN","message":"registry is closed"}]}`)
	equal(t, "uploads", files(t, r.file("uploads")), []string{})
}

func TestServeFinishesTheRequestsUnderWay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "registry")
	s, err := server.New(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	g, _ := parallel.NewGroup(t.Context())
	g.Go(func() error { return s.Serve(ctx, l) })

	at := do(t, "POST", url, "/v2/a/blobs/uploads/", nil).header.Get("Location")
	body, feed := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "PUT", url+at+"?digest="+digestOf(whole), body)
	if err != nil {
		t.Fatal(err)
	}
	g.Go(func() error {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		equal(t, "status", resp.StatusCode, 201)
		return nil
	})
	if _, err := io.WriteString(feed, whole[:8]); err != nil {
		t.Fatal(err)
	}
	waitForUpload(t, dir, 8)
	cancel()
	for { // until the listener is closed, which is the first thing that the end does
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			break
		}
		conn.Close()
	}
	if _, err := io.WriteString(feed, whole[8:]); err != nil {
		t.Fatal(err)
	}
	feed.Close()
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

func TestServeReportsWhyItCannot(t *testing.T) {
	r := newRegistry(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := r.server.Serve(t.Context(), l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// A file system without hard links is stood in for by a link to another one.
func TestRegistryWithoutHardLinks(t *testing.T) {
	r := newRegistry(t)
	other, err := os.MkdirTemp("/dev/shm", "irisfix-test-")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { os.RemoveAll(other) })
	r.stop()
	if err := os.Symlink(other, r.file("repositories")); err != nil {
		t.Skip(err)
	}
	r.start()
	d := r.blob("a", whole)
	mark := filepath.Join(other, "a", "blobs", "sha256", strings.TrimPrefix(d, "sha256:"))
	if info, err := os.Stat(mark); err != nil || info.Size() != 0 {
		t.Skip("the temporary directory is on the same file system")
	}
	r.manifest("a", "v1", imageType, image("", d))
	r.restart()
	equal(t, "blob", r.want(200, "GET", "/v2/a/blobs/"+d, nil).body, whole)
	r.want(201, "POST", "/v2/b/blobs/uploads/?mount="+d+"&from=a", nil)
	r.want(202, "DELETE", "/v2/a/blobs/"+d, nil)
	equal(t, "mounted blob", r.want(200, "GET", "/v2/b/blobs/"+d, nil).body, whole)
}
