package iris_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
	"github.com/irisfix/irisfix/loader/sqlite"
)

// The same fixture comes out of any server, in whatever forms and pieces it sends values.
func TestFormsThatServersSendAreAllTheSame(t *testing.T) {
	src, err := sqlite.OpenSource(t.Context(), sqliteDatabase(t, shopOfSQLite))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	dir, _, err := create(t, src)
	if err != nil {
		t.Fatal(err)
	}
	for name, set := range map[string]func(*iristest.Options){
		"one row a page":  func(o *iristest.Options) { o.PageRows = 1 },
		"fragments":       func(o *iristest.Options) { o.Fragment = 7 },
		"logical dates":   func(o *iristest.Options) { o.LogicalDates = true },
		"numbers as text": func(o *iristest.Options) { o.TextNumbers = true },
		"long items":      func(o *iristest.Options) { o.LongItems = true },
		"plain doubles":   func(o *iristest.Options) { o.PlainDoubles = true },
		"all of it": func(o *iristest.Options) {
			o.PageRows, o.Fragment, o.LogicalDates, o.TextNumbers, o.LongItems = 2, 100, true, true, true
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := configOf(t, iristest.New(t, set))
			mustLoad(t, cfg, dir)
			was, is := open(t, dir).Manifest.Tables, open(t, mustCreate(t, cfg)).Manifest.Tables
			if fmt.Sprint(was) != fmt.Sprint(is) {
				t.Errorf("was %v\nis  %v", was, is)
			}
		})
	}
}

// An 8-bit server takes what its code page has, and names the row that has something else.
func TestAnEightBitServer(t *testing.T) {
	cfg := configOf(t, iristest.New(t, func(o *iristest.Options) { o.EightBit, o.Locale = true, "LATIN1" }))
	run(t, cfg, `CREATE TABLE Shop.T (id INTEGER, v VARCHAR(9), PRIMARY KEY (id))`)
	parameter(t, cfg, `INSERT INTO Shop.T (id, v) VALUES (?, ?)`, 1, "äöü")
	dir := mustCreate(t, cfg)
	mustLoad(t, configOf(t, iristest.New(t)), dir)
	wide := configOf(t, iristest.New(t))
	run(t, wide, `CREATE TABLE Shop.T (id INTEGER, v VARCHAR(9), PRIMARY KEY (id))`)
	for id, v := range []string{"ä", "€"} {
		parameter(t, wide, `INSERT INTO Shop.T (id, v) VALUES (?, ?)`, id+1, v)
	}
	run(t, cfg, `DELETE FROM Shop.T`)
	_, err := load(t.Context(), t, cfg, mustCreate(t, wide))
	var row *loader.RowError
	var refused *wire.CharsetError
	if !errors.As(err, &row) || row.Row != 2 || !errors.As(err, &refused) || query(t, cfg, `SELECT COUNT(*) FROM Shop.T`) != "0" {
		t.Errorf("got %v", err)
	}
}

// A server that stops answering is waited for as long as the context says, and what had begun is undone later.
func TestAServerThatStallsEndsWithTheContext(t *testing.T) {
	cause := errors.New("signal")
	for _, w := range works(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			before, done, moments := conversation(t, w)
			for i := 3; i < len(moments); i += len(moments) / 7 {
				if moments[i].Phase == iristest.Replied { // then nothing is waited for but the end of what is undone
					i++
				}
				s := iristest.New(t)
				cfg := configOf(t, s)
				if err := w.before(t.Context(), t, cfg); err != nil {
					t.Fatal(err)
				}
				stalled, n := make(chan struct{}), new(atomic.Int64)
				s.Play(func(m iristest.Moment) iristest.Action {
					if n.Add(1) == int64(i)+1 {
						close(stalled)
						return iristest.Stall()
					}
					return iristest.Action{}
				})
				ctx, cancel := context.WithCancelCause(t.Context())
				go func() { <-stalled; cancel(cause) }()
				err := w.run(ctx, t, cfg)
				if err != nil && !errors.Is(err, cause) {
					t.Errorf("moment %d, %s %s: %v", i, moments[i].Code, moments[i].Phase, err)
				}
				cancel(nil)
				s.Play(nil)
				got := content(t, cfg)
				if isDone := rowNumber.ReplaceAllString(got, "") == rowNumber.ReplaceAllString(done, ""); !isDone && (got != before || err == nil) {
					t.Errorf("moment %d: %v, and is\n%s", i, err, got)
				}
			}
		})
	}
}

// Who looks while somebody loads waits for the end of it: half a load is not what there is.
func TestLookingWaitsForALoad(t *testing.T) {
	w := works(t)[0]
	s := iristest.New(t)
	cfg := configOf(t, s)
	first, begun := make(chan error, 1), make(chan struct{})
	goOn := make(chan struct{})
	s.Play(func(m iristest.Moment) iristest.Action {
		if m.Code == "TC" && m.Phase == iristest.Arrived {
			close(begun)
			<-goOn
		}
		return iristest.Action{}
	})
	go func() { first <- w.run(t.Context(), t, cfg) }()
	<-begun
	target, err := iris.OpenTarget(t.Context(), cfg) // which does not wait
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	looked := make(chan []loader.Record)
	go func() {
		list, err := target.Records(context.Background())
		if err != nil {
			t.Error(err)
		}
		looked <- list
	}()
	select {
	case list := <-looked:
		t.Errorf("seen before it was there: %v", list)
	case <-time.After(50 * time.Millisecond):
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	if list := <-looked; len(list) != 2 {
		t.Errorf("seen: %v", list)
	}
}

// What a user needs who is not almighty. docs/iris.md says the same.
func TestPrivilegesThatAreEnough(t *testing.T) {
	cfg := configOf(t, iristest.New(t))
	run(t, cfg, family...)
	dir := mustCreate(t, cfg)
	s := iristest.New(t, func(o *iristest.Options) {
		o.Users = []iristest.User{iristest.DefaultUser, {Name: "loader", Password: "secret"}}
	})
	admin := configOf(t, s)
	s.System().Restrict("loader")
	run(t, admin, `GRANT %CREATE_TABLE, %ALTER_TABLE, %DROP_TABLE TO loader`)
	mine := admin
	mine.User, mine.Password = "loader", "secret"
	mustLoad(t, mine, dir)
	mustLoad(t, mine, dir)
	if was, is := digestOf(t, dir), digestOf(t, mustCreate(t, mine)); was != is {
		t.Errorf("was %s, is %s", was, is)
	}
	if err := unload(t.Context(), t, mine, dir); err != nil {
		t.Error(err)
	}
	run(t, admin, `REVOKE %CREATE_TABLE FROM loader`)
	_, err := load(t.Context(), t, mine, dir)
	var refused *client.SQLError
	if !errors.As(err, &refused) || refused.Code != -99 {
		t.Errorf("got %v", err)
	}
}
