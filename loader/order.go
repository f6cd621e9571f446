package loader

import (
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
)

// parentsFirst sorts tables so that each comes after those it refers to, as far as foreign keys allow. It reports the
// tables whose foreign keys run in circles, themselves included. Tables that do not depend on each other stay in their
// order, so that the result is the same everywhere.
func parentsFirst(tables []*dat.Table) (sorted []*dat.Table, circular []string) {
	byName := map[string]*dat.Table{}
	for _, t := range tables {
		byName[fold(t.Name)] = t
	}
	const open, done = 1, 2
	state := map[*dat.Table]int{}
	var visit func(t *dat.Table)
	visit = func(t *dat.Table) {
		state[t] = open
		for _, k := range t.ForeignKeys {
			parent := byName[fold(k.RefTable)]
			switch {
			case parent == nil:
			case state[parent] == open:
				circular = append(circular, t.Name)
			case state[parent] == 0:
				visit(parent)
			}
		}
		state[t] = done
		sorted = append(sorted, t)
	}
	for _, t := range tables {
		if state[t] == 0 {
			visit(t)
		}
	}
	slices.Sort(circular)
	return sorted, slices.Compact(circular)
}

// fold makes names equal that SQL takes for one.
func fold(name string) string { return strings.ToLower(name) }
