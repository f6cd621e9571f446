package lfs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// entry is a file in a tree of git.
type entry struct {
	id   string // of the blob, in hex
	size int64
	path string
}

// tree lists the files of HEAD.
func (r *Repository) tree(ctx context.Context) (files []entry, _ error) {
	err := gitPipe(ctx, r.at, nil, func(out io.Reader) error {
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		lines.Split(splitNUL)
		for lines.Scan() {
			e, ok, err := parseEntry(lines.Text())
			if err != nil {
				return err
			}
			if ok {
				files = append(files, e)
			}
		}
		return lines.Err()
	}, "ls-tree", "-r", "-z", "--long", "--full-tree", r.Head)
	return files, err
}

// splitNUL splits what git prints with -z.
func splitNUL(data []byte, _ bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return i + 1, data[:i], nil
	}
	return 0, nil, nil
}

// parseEntry reads a line of ls-tree --long. Symbolic links and submodules are not ok.
func parseEntry(text string) (e entry, ok bool, err error) {
	meta, path, found := strings.Cut(text, "\t")
	fields := strings.Fields(meta)
	if !found || len(fields) != 4 {
		return e, false, fmt.Errorf("git ls-tree: %.100q is not a line of it", text)
	}
	if fields[1] != "blob" || fields[0] == "120000" {
		return e, false, nil
	}
	size, err := strconv.ParseInt(fields[3], 10, 64)
	return entry{fields[2], size, path}, true, err
}

// contents reads blobs, which are given by their ids, and calls each with them in order. A blob is kept in memory.
func (r *Repository) contents(ctx context.Context, ids []string, each func(i int, data []byte) error) error {
	if len(ids) == 0 {
		return nil
	}
	return gitPipe(ctx, r.at, feedLines(ids), func(out io.Reader) error {
		in := bufio.NewReader(out)
		for i, id := range ids {
			header, err := in.ReadString('\n')
			if err != nil {
				return ended(err)
			}
			fields := strings.Fields(header)
			if len(fields) != 3 {
				return fmt.Errorf("git cat-file: %s: %w", id, errAbsent)
			}
			size, err := strconv.ParseInt(fields[2], 10, 64)
			if err != nil || size < 0 || size > 1<<30 {
				return fmt.Errorf("git cat-file: %.100q is not a line of it", header)
			}
			data := make([]byte, size+1)
			if _, err := io.ReadFull(in, data); err != nil {
				return ended(err)
			}
			if err := each(i, data[:size]); err != nil {
				return err
			}
		}
		return nil
	}, "cat-file", "--batch", "--buffer")
}

var errAbsent = errors.New("not in the repository of git")

// ended leaves it to git to say why it ended.
func ended(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil
	}
	return err
}

func feedLines(lines []string) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, l := range lines {
			if _, err := io.WriteString(w, l+"\n"); err != nil {
				return err
			}
		}
		return nil
	}
}
