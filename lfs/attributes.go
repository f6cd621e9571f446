package lfs

import (
	"bytes"
	"context"
	"io"
	"path"
	"slices"
	"strings"
)

// Pattern is a line of a .gitattributes that puts files into Git LFS.
type Pattern struct {
	File    string // path of the .gitattributes
	Pattern string // as it is written there
}

// patterns reads the .gitattributes of HEAD.
func (r *Repository) patterns(ctx context.Context, files []entry) (list []Pattern, _ error) {
	const most = 1 << 20
	var found []entry
	var ids []string
	for _, e := range files {
		if path.Base(e.path) == ".gitattributes" && e.size < most {
			found, ids = append(found, e), append(ids, e.id)
		}
	}
	err := r.contents(ctx, ids, func(i int, data []byte) error {
		for _, p := range lfsPatterns(string(data)) {
			list = append(list, Pattern{found[i].path, p})
		}
		return nil
	})
	return list, err
}

// lfsPatterns returns the patterns of the lines that set filter=lfs (gitattributes(5)).
func lfsPatterns(text string) (list []string) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0][0] == '#' || strings.HasPrefix(fields[0], "[attr]") || fields[0][0] == '"' {
			continue
		}
		if slices.Contains(fields[1:], "filter=lfs") {
			list = append(list, fields[0])
		}
	}
	return list
}

// fromTop is the pattern as it would be written at the top of the work tree.
func (p Pattern) fromTop() string {
	dir := path.Dir(p.File)
	switch {
	case dir == ".":
		return p.Pattern
	case strings.Contains(p.Pattern, "/"):
		return "/" + dir + "/" + strings.TrimPrefix(p.Pattern, "/")
	}
	return "/" + dir + "/**/" + p.Pattern
}

// idle are the patterns that no file in the index needs but those that leave. Patterns of attributes are those of
// gitignore, but match no directories with what is in them; so what is taken for needed may not be, which does no harm.
func (r *Repository) idle(ctx context.Context, patterns []Pattern, leave map[string]bool) (idle []Pattern, _ error) {
	for _, p := range patterns {
		needed := false
		err := gitPipe(ctx, r.at, nil, func(out io.Reader) error {
			data, err := io.ReadAll(out)
			for name := range bytes.SplitSeq(data, []byte{0}) {
				needed = needed || len(name) > 0 && !leave[string(name)]
			}
			return err
		}, "ls-files", "--cached", "--ignored", "-z", "--exclude="+p.fromTop())
		if err != nil {
			return nil, err
		}
		if !needed {
			idle = append(idle, p)
		}
	}
	return idle, nil
}
