package client_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// reach logs in to a test server as its first user.
func reach(t testing.TB, srv *iristest.Server) (*client.Conn, error) {
	t.Helper()
	user := iristest.DefaultUser
	cfg := client.Config{Address: srv.Addr(), Namespace: "USER", User: user.Name, Password: user.Password}
	if roots := srv.Roots(); roots != nil {
		cfg.TLS = &tls.Config{RootCAs: roots}
	}
	c, err := client.Connect(t.Context(), cfg)
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

func server(t testing.TB, set ...func(*iristest.Options)) (*iristest.Server, *client.Conn) {
	t.Helper()
	srv := iristest.New(t, set...)
	c, err := reach(t, srv)
	if err != nil {
		t.Fatal(err)
	}
	return srv, c
}

var variants = map[string]func(*iristest.Options){
	"plain":         func(*iristest.Options) {},
	"TLS":           func(o *iristest.Options) { o.TLS = true },
	"a row a page":  func(o *iristest.Options) { o.PageRows = 1 },
	"fragments":     func(o *iristest.Options) { o.Fragment = 3 },
	"long items":    func(o *iristest.Options) { o.LongItems = true },
	"text numbers":  func(o *iristest.Options) { o.TextNumbers = true },
	"plain doubles": func(o *iristest.Options) { o.PlainDoubles = true },
	"all at once": func(o *iristest.Options) {
		o.TLS, o.PageRows, o.Fragment, o.LongItems = true, 2, 5, true
	},
}

func TestValuesComeBackAsTheyWere(t *testing.T) {
	for name, set := range variants {
		t.Run(name, func(t *testing.T) {
			_, c := server(t, set)
			exec(t, c, `CREATE TABLE V (id BIGINT PRIMARY KEY, t VARCHAR(50) COLLATE %EXACT, d DOUBLE, n NUMERIC(18,4), b VARBINARY(50))`)
			stmt, err := c.Prepare(t.Context(), "INSERT INTO V VALUES ( ? , ? , ? , ? , ? )")
			if err != nil {
				t.Fatal(err)
			}
			values := stmt.NewValues()
			texts := []string{"", "a", "é", "тест💻", "'?'", "\x00\x01", strings.Repeat("я", 50)}
			want := []string{"-1,NULL,NULL,NULL,NULL"}
			add := func(err error) {
				if err != nil {
					t.Fatal(err)
				}
			}
			values.Int(-1)
			for range 4 {
				values.Null()
			}
			for i, text := range texts {
				values.Int(int64(i))
				add(values.SQLText(text))
				values.Double(float64(i) / 2)
				values.Number(wire.Number{Mantissa: uint64(12345 * i), Exponent: -4})
				add(values.SQLBytes([]byte(strings.Repeat("\xff\x00", i))))
				n := wire.Number{Mantissa: uint64(12345 * i), Exponent: -4}
				want = append(want, fmt.Sprintf("%d,%s,%v,%s,%s", i, text, float64(i)/2, n.Canonical(), strings.Repeat("ÿ\x00", i)))
			}
			counts, err := stmt.ExecBatch(t.Context(), values)
			if err != nil || len(counts) != len(want) || slices.Max(counts) != 1 || slices.Min(counts) != 1 {
				t.Fatalf("%v, %v", counts, err)
			}
			for range 2 {
				if got := cells(t, c, "SELECT id, t, d, n, b FROM V"); !slices.Equal(got, want) {
					t.Errorf("\n got %q\nwant %q", got, want)
				}
			}
		})
	}
}

// cells reads rows as read does, doubles too.
func cells(t *testing.T, c *client.Conn, sql string) (out []string) {
	t.Helper()
	rows, err := c.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for {
		row, err := rows.Next(t.Context())
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, it := range row {
			text, err := it.SQLText(wire.Unicode)
			if f, e := it.Float(); it.Type >= wire.Double && e == nil {
				text, err = fmt.Sprint(f), nil
			}
			if it.Null() {
				text = "NULL"
			}
			if err != nil {
				t.Fatal(err)
			}
			line = append(line, text)
		}
		out = append(out, strings.Join(line, ","))
	}
}

func TestLongStreamsComeBackAsTheyWere(t *testing.T) {
	text := []byte(strings.Repeat("aя€💻", 500_000))
	binary := bytes.Repeat([]byte{0, 0xFF, 0x80, 0xC3}, 1_250_000)
	for name, set := range map[string]func(*iristest.Options){
		"plain": variants["plain"], "TLS": variants["TLS"], "fragments": func(o *iristest.Options) { o.Fragment = 1000 },
	} {
		t.Run(name, func(t *testing.T) {
			_, c := server(t, set)
			exec(t, c, "CREATE TABLE S (id INTEGER, t LONGVARCHAR, b LONGVARBINARY)")
			stmt, err := c.Prepare(t.Context(), "INSERT INTO S VALUES ( 1 , ? , ? )")
			if err != nil {
				t.Fatal(err)
			}
			values := stmt.NewValues()
			for i, data := range [][]byte{text, binary} {
				handle, err := stmt.WriteStream(t.Context(), bytes.NewReader(data), i == 1)
				if err != nil {
					t.Fatal(err)
				}
				values.Handle(handle)
			}
			if _, err := stmt.ExecBatch(t.Context(), values); err != nil {
				t.Fatal(err)
			}
			rows, err := c.Query(t.Context(), "SELECT t, b FROM S")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			row, err := rows.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range [][]byte{text, binary} {
				r, err := c.ReadStream(t.Context(), row[i].Data)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(r)
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("stream %d: %d bytes, %v", i, len(got), err)
				}
			}
			if _, err := rows.Next(t.Context()); err != io.EOF {
				t.Error(err)
			}
		})
	}
}

// load inserts three rows in a transaction.
func load(ctx context.Context, c *client.Conn) error {
	if err := c.Begin(ctx); err != nil {
		return err
	}
	stmt, err := c.Prepare(ctx, "INSERT INTO L VALUES ( ? )")
	if err != nil {
		return err
	}
	values := stmt.NewValues()
	for i := range 3 {
		values.Int(int64(i))
	}
	counts, err := stmt.ExecBatch(ctx, values)
	if err != nil {
		return err
	}
	if !slices.Equal(counts, []int64{1, 1, 1}) {
		return fmt.Errorf("counts %v", counts)
	}
	return c.Commit(ctx)
}

// rowsOf counts the rows of L, when nobody else is connected any more.
func rowsOf(t *testing.T, srv *iristest.Server) string {
	t.Helper()
	srv.Play(nil)
	srv.WaitIdle()
	c, err := reach(t, srv)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	n := query(t, c, "SELECT COUNT(*) FROM L")[0]
	exec(t, c, "DELETE FROM L")
	return n
}

// moments makes a server with the table L and counts the moments of a load.
func moments(t *testing.T) (srv *iristest.Server, n int) {
	t.Helper()
	srv, c := server(t)
	exec(t, c, "CREATE TABLE L (n INTEGER)")
	var record iristest.Record
	srv.Play(record.Fault)
	if err := load(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if n := rowsOf(t, srv); n != "3" {
		t.Fatalf("%s rows", n)
	}
	return srv, len(record.Moments())
}

// Wherever the connection is lost, all rows are there or none; and which it is can be told by the error, unless the
// commit was sent.
func TestALostConnectionLeavesAllOrNothing(t *testing.T) {
	srv, n := moments(t)
	for name, action := range map[string]iristest.Action{
		"drop": iristest.Drop(), "reset": iristest.Reset(), "cut in the header": iristest.Cut(5), "cut at the end": iristest.Cut(-1)} {
		unknown := 0
		for i := range n {
			srv.WaitIdle() // a farewell of the connection before is a moment, too
			c, err := reach(t, srv)
			if err != nil {
				t.Fatal(err)
			}
			srv.Play(iristest.Each(i, action))
			err = load(t.Context(), c)
			c.Close()
			got := rowsOf(t, srv)
			var lost *client.LostError
			switch {
			case err == nil && got == "3":
			case errors.As(err, &lost) && lost.Request == "TC" && lost.Sent && (got == "0" || got == "3"):
				unknown++
			case err != nil && got == "0":
			default:
				t.Errorf("%s at moment %d: %s rows, %v", name, i, got, err)
			}
		}
		if unknown == 0 {
			t.Errorf("%s: no commit was lost", name)
		}
	}
}

func TestAStalledServerIsLeftWhenTheContextEnds(t *testing.T) {
	srv, n := moments(t)
	for i := range n {
		srv.WaitIdle()
		c, err := reach(t, srv)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		seen := -1
		srv.Play(func(iristest.Moment) iristest.Action {
			if seen++; seen != i {
				return iristest.Action{}
			}
			cancel()
			return iristest.Stall()
		})
		err = load(ctx, c)
		c.Close()
		got := rowsOf(t, srv)
		if err == nil && got != "3" || err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("moment %d: %s rows, %v", i, got, err)
		}
		cancel()
	}
}

func TestAStatementThatTheServerForgotWorksAllTheSame(t *testing.T) {
	srv, c := server(t)
	exec(t, c, "CREATE TABLE F (n INTEGER)")
	for _, code := range []wire.Code{wire.PU, wire.PQ} {
		for range 3 {
			srv.Play(iristest.On(code, iristest.Arrived, 1, iristest.Forget()))
			exec(t, c, "INSERT INTO F VALUES (1)")
			query(t, c, "SELECT n FROM F")
		}
	}
	srv.Play(nil)
	if got := query(t, c, "SELECT COUNT(*) FROM F"); got[0] != "6" {
		t.Errorf("%s rows", got)
	}
}

func TestARefusedRowIsToldWithTheWordsOfTheServer(t *testing.T) {
	for name, tt := range map[string]struct {
		batch iristest.Batch
		want  []int64
	}{"continues": {iristest.BatchContinues, []int64{1, -3, 1}}, "stops": {iristest.BatchStops, []int64{1, -3, -3}}, "undoes": {iristest.BatchUndoes, []int64{1, -3, -3}}} {
		_, c := server(t, func(o *iristest.Options) { o.Batch = tt.batch })
		exec(t, c, "CREATE TABLE U (n INTEGER PRIMARY KEY)")
		if err := c.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		stmt, err := c.Prepare(t.Context(), "INSERT INTO U VALUES ( ? )")
		if err != nil {
			t.Fatal(err)
		}
		values := stmt.NewValues()
		for _, n := range []int64{1, 1, 2} {
			values.Int(n)
		}
		_, err = stmt.ExecBatch(t.Context(), values)
		var refused *client.SQLError
		var batch *client.BatchError
		if !errors.As(err, &refused) || refused.Code != -119 || !strings.HasPrefix(refused.Text, "[SQLCODE: <-119>:<") {
			t.Errorf("%s: %v", name, err)
		}
		if told := errors.As(err, &batch); told != (tt.want != nil) || told && !slices.Equal(batch.Counts, tt.want) {
			t.Errorf("%s: %v", name, batch)
		}
		if err := c.Rollback(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := query(t, c, "SELECT COUNT(*) FROM U"); got[0] != "0" {
			t.Errorf("%s: %s rows", name, got)
		}
	}
}

func TestTheTestServersRefusalsHaveTheirReasons(t *testing.T) {
	srv := iristest.New(t, func(o *iristest.Options) {
		o.Connections = 1
		o.Users = []iristest.User{iristest.DefaultUser, {Name: "new", Password: "x", ChangePassword: true},
			{Name: "off", Password: "x", Disabled: true}, {Name: "bound", Password: "x", Namespaces: []string{"%SYS"}}}
	})
	attempt := func(user, password, namespace string) client.Reason {
		t.Helper()
		c, err := client.Connect(t.Context(), client.Config{Address: srv.Addr(), User: user, Password: password, Namespace: namespace})
		var refused *client.LoginError
		if err == nil {
			c.Close()
			t.Errorf("%s is let in", user)
		} else if !errors.As(err, &refused) {
			t.Errorf("%s: %v", user, err)
		} else {
			return refused.Reason()
		}
		return -1
	}
	for name, tt := range map[string]struct{ got, want client.Reason }{
		"wrong password": {attempt("_SYSTEM", "sys", "USER"), client.AccessDenied},
		"no such user":   {attempt("nobody", "SYS", "USER"), client.AccessDenied},
		"switched off":   {attempt("off", "x", "USER"), client.AccessDenied},
		"elsewhere":      {attempt("bound", "x", "USER"), client.AccessDenied},
		"must change":    {attempt("new", "x", "USER"), client.PasswordExpired},
		"no namespace":   {attempt("_SYSTEM", "SYS", "NOWHERE"), client.NoNamespace},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: reason %d, want %d", name, tt.got, tt.want)
		}
	}
	if _, err := reach(t, srv); err != nil {
		t.Fatal(err)
	}
	if got := attempt("_SYSTEM", "SYS", "USER"); got != client.LicenceExceeded {
		t.Errorf("one too many: reason %d", got)
	}
}
