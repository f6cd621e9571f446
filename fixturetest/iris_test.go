//go:build !windows

package fixturetest_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/fixturetest"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/loader/iris/iristest"
)

// tablesOnly gives the server an account that may not create namespaces.
func tablesOnly(o *iristest.Options) {
	user := iristest.DefaultUser
	user.TablesOnly = true
	o.Users = []iristest.User{user}
}

func TestTestsHaveANamespaceEach(t *testing.T) {
	s := iristest.New(t)
	before := s.System().Namespaces()
	t.Setenv("IRISFIX_CACHE_DIR", t.TempDir())
	t.Setenv("IRISFIX_TARGET", s.URL())
	fixture := small(t)
	t.Run("all", func(t *testing.T) {
		for i := range 8 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				db := fixturetest.IRIS(t, fixture)
				if n := count(t, db, orders); n != 3 {
					t.Errorf("%d orders", n)
				}
				if _, err := db.ExecContext(t.Context(), `DELETE FROM orders`); err != nil {
					t.Error(err)
				}
				if n := count(t, db, orders); n != 0 {
					t.Errorf("%d orders after they were deleted", n)
				}
			})
		}
	})
	if now := s.System().Namespaces(); !slices.Equal(now, before) {
		t.Errorf("namespaces are %v, they were %v", now, before)
	}
}

func TestWhereANamespaceIs(t *testing.T) {
	ada := iristest.User{Name: "ada", Password: `it's "secret" \`}
	s := iristest.New(t, func(o *iristest.Options) { o.Users = []iristest.User{ada} })
	t.Setenv("IRISFIX_CACHE_DIR", t.TempDir())
	t.Setenv("IRIS_USERNAME", ada.Name)
	t.Setenv("IRIS_PASSWORD", ada.Password)
	d := fixturetest.Open(t, small(t), fixturetest.Target("iris://"+s.Addr()+"/USER"))
	if d.Path != "" || !strings.HasPrefix(d.Namespace, "IFX") || d.Schemas != nil || d.Target != "iris://ada@"+s.Addr()+"/"+d.Namespace || d.Server.Namespace != d.Namespace {
		t.Errorf("%+v", d)
	}
	if text := fmt.Sprintf("%v %+v %#v", d.Server, d.Server, d.Server); strings.Contains(text, "secret") {
		t.Errorf("it prints the password: %s", text)
	}
	if n := count(t, d.DB(), orders); n != 3 {
		t.Errorf("%d orders", n)
	}
}

func TestSchemasStandInForNamespaces(t *testing.T) {
	s := iristest.New(t, tablesOnly)
	t.Setenv("IRISFIX_CACHE_DIR", t.TempDir())
	fixture := small(t)
	t.Run("all", func(t *testing.T) {
		for i := range 4 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				d := fixturetest.Open(t, fixture, fixturetest.Target(s.URL()))
				schema := d.Schema("SQLUser")
				if d.Namespace != "USER" || schema == "SQLUser" {
					t.Fatalf("%+v", d)
				}
				if n := count(t, d.DB(), `SELECT count(*) FROM `+schema+`.orders`); n != 3 {
					t.Errorf("%d orders", n)
				}
			})
		}
	})
}

// What is kept is told with a command that removes it, whoever runs that and wherever.
func TestANamespaceIsKept(t *testing.T) {
	for name, set := range map[string]func(*iristest.Options){"namespace": func(*iristest.Options) {}, "schemas": tablesOnly, "TLS": func(o *iristest.Options) { o.TLS = true }} {
		t.Run(name, func(t *testing.T) {
			s := iristest.New(t, set)
			t.Setenv("IRISFIX_CACHE_DIR", t.TempDir())
			target, query := s.URL(), ""
			if name == "TLS" {
				ca := filepath.Join(t.TempDir(), "ca.pem")
				if err := os.WriteFile(ca, s.RootsPEM(), 0o644); err != nil {
					t.Fatal(err)
				}
				query = "?" + url.Values{"ca": {ca}, "tls": {"on"}}.Encode()
				target, _, _ = strings.Cut(target, "?")
				target += query
			}
			fixture := small(t)
			said := (&recorder{name: "TestTotal"}).run(func(tb testing.TB) {
				fixturetest.Open(tb, fixture, fixturetest.Target(target), fixturetest.Keep())
			})
			m := regexp.MustCompile(`\A(?s:irisfix: kept iris://.*\n)  look into it:  irissqlcli iris://\S+\n(?:  its tables are in .*\n)?  remove it:     irisfix sandbox remove (IFX\w+) --to (.*)\n\z`).FindStringSubmatch(said)
			if m == nil || phrase.ShellWord("iris://_SYSTEM@"+s.Addr()+"/USER"+query) != m[2] || !strings.Contains(said, m[1]) {
				t.Fatal(said)
			}
		})
	}
}
