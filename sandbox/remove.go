package sandbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// dropWait is how long sessions may take to leave a namespace.
const dropWait = 30 * time.Second

// made is what there is of a sandbox.
func (s *Sandbox) made() made {
	m := made{Server: s.maker.kind.target(), Label: s.label}
	if s.Schemas == nil {
		m.Namespace = s.Name
	}
	for _, to := range s.Schemas {
		if !slices.Contains(m.Schemas, to) {
			m.Schemas = append(m.Schemas, to)
		}
	}
	slices.Sort(m.Schemas)
	return m
}

func (v *server) remove(ctx context.Context, s *Sandbox) error {
	done, err := v.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	return v.drop(ctx, s)
}

func (v *server) drop(ctx context.Context, s *Sandbox) error {
	if err := v.takeAway(ctx, s.made()); err != nil {
		return err
	}
	return s.entry.end()
}

// takeAway takes away what is written down. What is not there is no matter.
func (v *server) takeAway(ctx context.Context, m made) error {
	if m.Namespace != "" {
		if err := v.dropNamespace(ctx, v.home, m.Namespace); !isAbsent(err) {
			return err
		}
		return nil
	}
	t, err := v.openTarget(ctx, v.home)
	if err != nil {
		return err
	}
	for _, schema := range m.Schemas { // with the tables that the test made; where that is refused they stay
		_ = t.DropSchema(ctx, schema)
	}
	err = v.patiently(ctx, func() error {
		_, err := loader.UnloadSchemas(ctx, t, m.Schemas...)
		return err
	})
	return errors.Join(err, t.Close())
}

// dropNamespace drops the namespace of a sandbox, also one that was not marked yet: nobody else has its name.
func (v *server) dropNamespace(ctx context.Context, home client.Config, name string) error {
	return v.patiently(ctx, func() error {
		ctx, cancel := context.WithTimeout(ctx, dropWait)
		defer cancel()
		err := iris.DropNamespace(ctx, home, name)
		if problem := (*iris.NamespaceError)(nil); errors.As(err, &problem) && problem.Problem == iris.Foreign {
			err = iris.DropUnmarked(ctx, home, name)
		}
		return err
	})
}

func isAbsent(err error) bool {
	var problem *iris.NamespaceError
	return errors.As(err, &problem) && problem.Problem == iris.Absent
}

func (v *server) keep(s *Sandbox) error { return s.entry.end() }
