package iris

import (
	"testing"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
)

// Where a foreign key still acts on rows outside of a load, that is an error, and so is undone.
func TestRowsOutsideStayAsTheyAre(t *testing.T) {
	for action, follows := range map[string]bool{"NO ACTION": false, "CASCADE": true, "SET NULL": true} {
		s, user := iristest.New(t), iristest.DefaultUser
		d, err := open(t.Context(), client.Config{Address: s.Addr(), Namespace: "USER", User: user.Name, Password: user.Password})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		keyword := ""
		for _, sql := range []string{
			"CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE c (p INTEGER, FOREIGN KEY (p) REFERENCES p (id) ON DELETE " + action + ")",
			"INSERT INTO p VALUES (1)", "INSERT INTO c VALUES (1)", "INSERT INTO c VALUES (NULL)",
		} {
			if _, err := d.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		x := &tx{db: d}
		p, err := d.find(t.Context(), parseName("p"))
		if err != nil {
			t.Fatal(err)
		}
		outside, err := x.outside(t.Context(), p)
		if err != nil || len(outside) != 1 {
			t.Fatal(outside, err)
		}
		if !follows {
			keyword = unhindered(outside)
		}
		if _, err := d.Exec(t.Context(), "DELETE "+keyword+"FROM p"); err != nil {
			t.Fatal(err)
		}
		if err := x.untouched(t.Context(), outside); (err != nil) != follows {
			t.Errorf("%s: got %v", action, err)
		}
	}
}
