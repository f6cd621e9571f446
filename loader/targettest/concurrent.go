package targettest

import (
	"context"
	"errors"
	"sync"

	"github.com/irisfix/irisfix/loader"
)

// gate says when a transaction is about to begin, and holds it back, once.
type gate struct {
	loader.Target
	arrived, open chan struct{}
}

func (g *gate) Begin(ctx context.Context, w loader.Work) (loader.Tx, error) {
	if g.arrived != nil {
		close(g.arrived)
		g.arrived = nil
		<-g.open
	}
	return g.Target.Begin(ctx, w)
}

// A second connection has looked at the database before a load begins on the first, and begins while that is under way.
// It waits for its end or gives up; what it saw before does not make it touch what is no longer so.
func twoAtATime(s *suite) {
	same, other := s.fixture(family()), s.fixture(memory{parents(row{1, "x"}, row{2, "y"}, row{7, "z"})}, called("other"))
	apart := s.fixture(memory{with(tableOf("q", 1, column("id", "BIGINT")), row{1})}, called("apart"))
	loading := func(dir string, change ...func(*loader.LoadOptions)) func(*database, func(loader.Target) loader.Target) error {
		return func(d *database, between func(loader.Target) loader.Target) error {
			_, err := d.loadOver(d.Context(), between, dir, change...)
			return err
		}
	}
	unloading := func(d *database, between func(loader.Target) loader.Target) error {
		_, err := d.unloadOver(d.Context(), between, same)
		return err
	}
	loaded := func(d *database) { d.mustLoad(same) }
	tests := []struct {
		name          string
		prepare       func(*database)
		first, second func(*database, func(loader.Target) loader.Target) error
	}{
		{"the same fixture", func(*database) {}, loading(same), loading(same)},
		{"the same fixture once more", loaded, loading(same), loading(same)},
		{"another fixture of the same table", func(*database) {}, loading(same), loading(other)},
		{"another fixture into an empty table", func(d *database) { d.put(parents()) }, loading(same), loading(other)},
		{"other tables", func(*database) {}, loading(same), loading(apart)},
		{"reload of a table that is taken over", loaded, loading(other, replace), loading(same)},
		{"unload of a table that is taken over", loaded, loading(other, replace), unloading},
		{"unload during a reload", loaded, loading(same), unloading},
		{"append to a table that is filled", func(d *database) { d.put(parents()) }, loading(same), loading(other, appends)},
	}
	for _, tt := range tests {
		s.run(tt.name, func(s *suite) {
			d := s.database()
			tt.prepare(d)
			result := make(chan error, 1)
			arrived, open := make(chan struct{}), make(chan struct{})
			g := &gate{arrived: arrived, open: open}
			let := sync.OnceFunc(func() { close(open) })
			defer let()
			must(0, tt.first(d, func(t loader.Target) loader.Target {
				return &stepwise{Target: t, interfere: func(_ int, step string, do func() error) error {
					switch step {
					case "begin":
						go func() {
							result <- tt.second(d, func(t loader.Target) loader.Target { g.Target = t; return g })
						}()
						<-arrived
					case "insert":
						let()
					}
					return do()
				}}
			}))(s)
			second := <-result

			// One after the other, alone, the second one does the same or is refused.
			alone := s.database()
			tt.prepare(alone)
			must(0, tt.first(alone, nil))(s)
			before := alone.content()
			want := tt.second(alone, nil)
			switch {
			case second == nil && want == nil:
				before = alone.content()
			case second == nil:
				s.Errorf("done, and alone refused: %v", want)
			}
			var failed *loader.FailedError
			var conflict *loader.ConflictError
			if second != nil && !errors.As(second, &failed) && !errors.As(second, &conflict) && !errors.As(second, new(*loader.NotLoadedError)) {
				s.Errorf("%T: %v", second, second)
			}
			d.unchanged(before)
		})
	}
}
