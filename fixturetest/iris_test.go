//go:build !windows

package fixturetest_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/fixturetest"
	"github.com/irisfix/irisfix/loader/iris"
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

func TestANamespaceIsKept(t *testing.T) {
	s := iristest.New(t)
	t.Setenv("IRISFIX_CACHE_DIR", t.TempDir())
	r := &recorder{name: "TestTotal"}
	fixture := small(t)
	var d *fixturetest.Database
	said := r.run(func(tb testing.TB) {
		d = fixturetest.Open(tb, fixture, fixturetest.Target(s.URL()), fixturetest.Keep())
	})
	home := regexp.QuoteMeta("iris://_SYSTEM@" + s.Addr())
	m := regexp.MustCompile(`^irisfix: kept ` + home + `/(IFX\w+)\n  look into it:  irissqlcli ` + home + `/IFX\w+
  remove it:     irisfix unload ` + regexp.QuoteMeta(fixture) + ` --to ` + home + `/USER --namespace (IFX\w+) --drop-namespace\n$`).FindStringSubmatch(said)
	if m == nil || m[1] != m[2] || !s.System().HasNamespace(m[1]) {
		t.Fatalf("%v: %s", s.System().Namespaces(), said)
	}
	from := d.Server
	from.Namespace = "USER"
	if err := iris.DropNamespace(t.Context(), from, m[1]); err != nil {
		t.Error(err)
	}
}
