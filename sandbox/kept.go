package sandbox

import (
	"context"
	"errors"
	"strings"

	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/discover"
	"github.com/irisfix/irisfix/workspace"
)

// Remove takes away a sandbox that was kept, by its name: its namespace, or the schemas with its name in the namespace
// that the maker is at home in, which is USER if that is the sandbox's own. What is there is found on the server, so that
// any machine can do it. Errors are a [*workspace.ArgumentError], a [*loader.NotLoadedError] if nothing is there, and a
// [*loader.ConflictError] if something of it has to stay.
func (m *Maker) Remove(ctx context.Context, name string) error { return m.kind.removeKept(ctx, name) }

func (f *files) removeKept(_ context.Context, name string) error {
	return &workspace.ArgumentError{Argument: name, Reason: "only what is on a server is removed by its name (--to iris://…); a SQLite database is a file: remove that"}
}

func (v *server) removeKept(ctx context.Context, name string) error {
	if !entryName.MatchString(name) {
		return &workspace.ArgumentError{Argument: name, Reason: "not the name of a sandbox on a server, which is IFX and nine letters or digits"}
	}
	home := v.home
	if strings.EqualFold(home.Namespace, name) { // as tests know it; it cannot be dropped from inside
		home.Namespace = discover.DefaultNamespace
	}
	list, err := v.schemasNamed(ctx, name, home)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		err := v.dropNamespace(ctx, home, name)
		if isAbsent(err) {
			err = &loader.NotLoadedError{FixtureID: name, Target: home.String()}
		}
		return err
	}
	if err := v.takeAway(ctx, made{Schemas: list}); err != nil {
		return err
	}
	left, err := v.schemasNamed(ctx, name, home)
	if err != nil || len(left) == 0 {
		return err
	}
	conflict := &loader.ConflictError{Target: v.target()}
	for _, schema := range left {
		conflict.Conflicts = append(conflict.Conflicts, loader.Conflict{Table: schema, Reason: "has tables that irisfix did not make, and the account may not drop the schema"})
	}
	return conflict
}

// schemasNamed are the schemas of a sandbox that have tables in a namespace, or that a load is recorded of.
func (v *server) schemasNamed(ctx context.Context, name string, home client.Config) (list []string, err error) {
	t, err := v.openTarget(ctx, home)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	var all []string
	err = v.patiently(ctx, func() (err error) { all, err = t.Schemas(ctx); return err })
	if err != nil {
		return nil, err
	}
	for _, schema := range all {
		if strings.HasPrefix(schema, name+"_") {
			list = append(list, schema)
		}
	}
	return list, nil
}
