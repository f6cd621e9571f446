package lfs

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"
)

// history lists the objects that any commit of any ref has, and HEAD, each once, with what is wrong with pointers. A
// pointer whose object cannot be told is left out.
func (r *Repository) history(ctx context.Context) (objects []Object, odd []Odd, _ error) {
	small, err := r.smallBlobs(ctx)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, len(small))
	for i, e := range small {
		ids[i] = e.id
	}
	seen := map[Pointer]bool{}
	err = r.contents(ctx, ids, func(i int, data []byte) error {
		p, err := ParsePointer(data)
		if err != nil && err != ErrNotPointer {
			odd = append(odd, Odd{small[i].path, err.(*PointerError).Reason})
		}
		if p.Size > 0 && !seen[p] { // of an empty file there is no object
			seen[p] = true
			objects = append(objects, Object{p.Digest, p.Size, small[i].path})
		}
		return nil
	})
	return objects, odd, err
}

// leastPointer is shorter than any pointer: two keys, 71 bytes of oid, a version.
const leastPointer = 100

// smallBlobs lists the blobs of all refs that can be pointers by their size.
func (r *Repository) smallBlobs(ctx context.Context) (small []entry, _ error) {
	var names []string
	err := gitPipe(ctx, r.at, nil, func(out io.Reader) error {
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if strings.Contains(lines.Text(), " ") { // commits have no path
				names = append(names, lines.Text())
			}
		}
		return lines.Err()
	}, "rev-list", "--objects", "--all", r.Head, "--filter=blob:limit="+strconv.Itoa(maxPointer))
	if err != nil || len(names) == 0 {
		return nil, err
	}
	err = gitPipe(ctx, r.at, feedLines(names), func(out io.Reader) error {
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			fields := strings.SplitN(lines.Text(), " ", 4)
			if len(fields) != 4 || fields[1] != "blob" {
				continue
			}
			if size, err := strconv.ParseInt(fields[2], 10, 64); err == nil && size >= leastPointer && size < maxPointer {
				small = append(small, entry{fields[0], size, fields[3]})
			}
		}
		return lines.Err()
	}, "cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize) %(rest)", "--buffer")
	return small, err
}
