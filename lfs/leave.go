package lfs

import (
	"context"
	"path"
	"strings"
)

// Leaving is what git has to be told when the fixtures have moved.
type Leaving struct {
	Remove []string  // paths to be taken out of the index: directories, or files of directories that hold other things too
	Ignore []string  // lines for the .gitignore at the top of the work tree
	Idle   []Pattern // lines that no other file needs any more
	Sparse bool      // the work tree lacks files on purpose, which git then leaves alone
}

// Leave finds out what git has to be told. Nothing is changed.
func (p *Plan) Leave(ctx context.Context) (Leaving, error) {
	l := Leaving{Sparse: p.Repository.sparse(ctx)}
	gone := map[string]bool{}
	for _, f := range p.Fixtures {
		own := map[string]bool{path.Join(f.Dir, manifestName): true}
		for _, o := range f.Files {
			own[o.Path] = true
		}
		if p.alone(f.Dir, own) {
			l.Remove = append(l.Remove, f.Dir)
			l.Ignore = append(l.Ignore, "/"+escapeIgnore(f.Dir)+"/")
		} else {
			for _, e := range p.files {
				if own[e.path] {
					l.Remove = append(l.Remove, e.path)
					l.Ignore = append(l.Ignore, "/"+escapeIgnore(e.path))
				}
			}
		}
		for name := range own {
			gone[name] = true
		}
	}
	var err error
	l.Idle, err = p.Repository.idle(ctx, p.Patterns, gone)
	return l, err
}

// alone reports a directory that holds nothing but these files.
func (p *Plan) alone(dir string, own map[string]bool) bool {
	if dir == "." {
		return false
	}
	for _, e := range p.files {
		if strings.HasPrefix(e.path, dir+"/") && !own[e.path] {
			return false
		}
	}
	return true
}

// escapeIgnore makes of a path a pattern that matches only that (gitignore(5)). No pattern can have a line end; any
// character will do for one.
func escapeIgnore(name string) string {
	var b strings.Builder
	for i, c := range []byte(name) {
		if c == '\n' {
			c = '?'
		} else if strings.IndexByte(`\*?[`, c) >= 0 || c == ' ' && i == len(name)-1 {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}
