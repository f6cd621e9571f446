package iris_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/discover"
	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/live"
	"github.com/irisfix/irisfix/loader/targettest"
)

// liveVariable names a real server: then the databases of the contract are namespaces of it (make live).
const liveVariable = "IRISFIX_TEST_IRIS"

// liveDropTimeout is how long a namespace is waited for whose sessions are ending.
const liveDropTimeout = 2 * time.Minute

// newDatabase makes an empty database for the contract: a test server of its own, or a namespace of a real one.
func newDatabase(t testing.TB) targettest.Database {
	var cfg client.Config
	if url := os.Getenv(liveVariable); url != "" {
		cfg = newNamespace(t, url)
	} else {
		cfg = configOf(t, iristest.New(t))
	}
	return targettest.Database{
		Source: func(ctx context.Context) (targettest.Source, error) {
			src, err := iris.OpenSource(ctx, cfg)
			return anywhere{src}, err
		},
		Target: func(ctx context.Context) (targettest.Target, error) { return iris.OpenTarget(ctx, cfg) },
	}
}

// anywhere hides the name of the namespace, which a fixture records: for the contract two databases have the same one.
type anywhere struct{ *iris.Source }

func (s anywhere) Describe(ctx context.Context) (loader.Description, error) {
	d, err := s.Source.Describe(ctx)
	d.Namespace = "USER"
	return d, err
}

// liveServers are the real servers by URL. Each keeps account of the names in use.
var liveServers sync.Map

func liveServer(url string) (*live.Server, error) {
	home, err := configOfURL(url)
	if err != nil {
		return nil, err
	}
	s, _ := liveServers.LoadOrStore(url, live.NewServer(home))
	return s.(*live.Server), nil
}

func newNamespace(t testing.TB, url string) client.Config {
	t.Helper()
	s, err := liveServer(url)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := s.Make(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), liveDropTimeout)
		defer cancel()
		if err := s.Drop(ctx, cfg); err != nil {
			t.Error(err)
		}
	})
	return cfg
}

func configOfURL(text string) (client.Config, error) {
	u, err := discover.ParseURL(text)
	if err != nil {
		return client.Config{}, err
	}
	none := func(string) string { return "" }
	found, err := discover.Find(context.Background(), []discover.Given{{From: liveVariable, URL: u}}, none, nil)
	if err != nil {
		return client.Config{}, err
	}
	var ca []byte
	if u.CA != "" {
		if ca, err = os.ReadFile(u.CA); err != nil {
			return client.Config{}, err
		}
	}
	return found.Config(ca)
}

func TestDatabasesOnARealServerAreNamespacesThatGo(t *testing.T) {
	s := iristest.New(t)
	t.Setenv(liveVariable, s.URL())
	there := func() []string {
		return slices.DeleteFunc(s.System().Namespaces(), func(n string) bool { return !strings.HasPrefix(n, live.Prefix) })
	}
	t.Run("two databases", func(t *testing.T) {
		for range 2 {
			target, err := newDatabase(t).Target(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer target.Close()
			if where, namespace := target.Place(); !strings.HasSuffix(where, "/"+namespace) || !slices.Contains(there(), namespace) {
				t.Errorf("in %s, namespace %s, there are %q", where, namespace, there())
			}
		}
		if got := there(); len(got) != 2 {
			t.Errorf("made %q", got)
		}
	})
	if left := there(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
