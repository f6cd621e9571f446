package workspace_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/server"
	"github.com/irisfix/irisfix/workspace"
)

// The first of two pins gets its answer when the second has one, which takes that both are asked for at once.
func TestPinsAreCheckedSeveralAtOnceAndStayInOrder(t *testing.T) {
	s, err := server.New(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan struct{})
	var checking atomic.Bool
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		late, early := strings.HasSuffix(r.URL.Path, "/a/manifests/1"), strings.HasSuffix(r.URL.Path, "/b/manifests/1")
		if checking.Load() && late {
			<-answered
		}
		s.ServeHTTP(w, r)
		if checking.Load() && early {
			close(answered)
		}
	}))
	t.Cleanup(func() { h.Close(); s.Close() })
	at := h.Listener.Addr().String()

	w, dir := open(t)
	first := push(t, w, at+"/acme/a:1", "a", "x")
	push(t, w, at+"/acme/b:1", "b", "y")
	lock(t, filepath.Join(dir, "irisfix.lock"), "a", at+"/acme/a:1@"+first, "b", at+"/acme/b:1@"+someDigest)
	checking.Store(true)
	all, err := w.CheckPins(t.Context())
	var moved *workspace.MovedError
	if !errors.As(err, &moved) || len(moved.Pins) != 1 || moved.Pins[0].Name != "b" {
		t.Errorf("moved: %+v, %v", moved, err)
	}
	if len(all) != 2 || all[0].Name != "a" || all[0].Changed || all[1].Name != "b" || !all[1].Changed {
		t.Errorf("all: %+v", all)
	}
}

func TestOfflineTheFirstPinIsNamedThatCannotBeChecked(t *testing.T) {
	w, dir := open(t, offline, func(o *workspace.Options) { o.Workers = 6 })
	var entries []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		entries = append(entries, name, "a.example/"+name+":1@"+someDigest)
	}
	lock(t, filepath.Join(dir, "irisfix.lock"), entries...)
	for range 200 {
		var none *registry.OfflineError
		if _, err := w.CheckPins(t.Context()); !errors.As(err, &none) || none.Subject != "a.example/a:1" {
			t.Fatalf("got %v", err)
		}
	}
}

func TestANameToBeCheckedThatIsNotPinnedHasItsNearest(t *testing.T) {
	w, dir := open(t)
	lock(t, filepath.Join(dir, "irisfix.lock"), "orders", "a.example/orders:1@"+someDigest, "rag", "a.example/rag:1@"+someDigest)
	var none *workspace.NotFoundError
	if _, err := w.CheckPins(t.Context(), "rag", "ordres"); !errors.As(err, &none) || none.Argument != "ordres" ||
		!slices.Equal(none.Nearest, []string{"orders"}) || none.Pins != 2 {
		t.Errorf("got %+v, %v", none, err)
	}
}
