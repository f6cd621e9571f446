package loader

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/internal/parallel"
)

// tableWriter writes tables into a stage.
type tableWriter struct {
	src      Source
	stage    *bundle.Stage
	progress func(string, int64)
	warnings []Warning
}

type writtenFile struct {
	path  string
	rows  int64
	facts bundle.Facts
}

func (w *writtenFile) digest() digest.Digest {
	return digest.NewDigestFromEncoded(digest.SHA256, w.facts.SHA256)
}

// write writes one table. Rows that do not come in the order of their key are read again and sorted.
func (w *tableWriter) write(ctx context.Context, s Selection, path string) (writtenFile, error) {
	out, err := w.attempt(ctx, s, path, false)
	var order *dat.OrderError
	if errors.As(err, &order) {
		out, err = w.attempt(ctx, s, path, true)
	}
	return out, err
}

func (w *tableWriter) attempt(ctx context.Context, s Selection, path string, sort bool) (out writtenFile, err error) {
	rows, err := w.src.Rows(ctx, s)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	name, err := w.stage.Path(path)
	if err != nil {
		return out, err
	}
	file, err := os.Create(name)
	if err != nil {
		return out, err
	}
	defer file.Close()
	hasher := bundle.NewHasher()
	t := rows.Table()
	writer, err := dat.NewWriter(io.MultiWriter(file, hasher), t, dat.WriterOptions{Key: keyOf(t, s)})
	if err != nil {
		return out, err
	}
	read := int64(0) // what is written is counted by another goroutine
	next := func(b *dat.Batch) error {
		if w.progress != nil {
			w.progress(t.Name, read)
		}
		err := rows.Next(ctx, b)
		read += int64(b.Rows)
		return err
	}
	if sort {
		err = dat.Sort(ctx, w.stage.Dir(), t, writer, next)
	} else {
		err = pump(ctx, t, next, writer.Write)
	}
	if err == nil {
		err = errors.Join(writer.Close(), file.Sync(), file.Close())
	}
	if err != nil {
		return out, err
	}
	w.warnings = append(w.warnings, rows.Warnings()...)
	out = writtenFile{path: path, rows: writer.Rows()}
	out.facts, _, _ = hasher.Sum()
	return out, nil
}

// keyOf returns the order of the rows: the primary key, and for a query all columns of the result, those of the primary
// key first.
func keyOf(t *dat.Table, s Selection) []int {
	key := t.Key()
	if s.Query == "" {
		return key
	}
	for i := range t.Stored() {
		if !slices.Contains(key, i) {
			key = append(key, i)
		}
	}
	return key
}

// pump moves batches from next to write, which work at the same time on two batches.
func pump(ctx context.Context, t *dat.Table, next, write func(*dat.Batch) error) error {
	g, ctx := parallel.NewGroup(ctx)
	empty, full := make(chan *dat.Batch, 2), make(chan *dat.Batch, 2)
	empty <- dat.NewBatch(t)
	empty <- dat.NewBatch(t)
	g.Go(func() error {
		defer close(full)
		for {
			b, err := receive(ctx, empty)
			if err != nil {
				return err
			}
			b.Reset()
			if err := next(b); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			full <- b
		}
	})
	g.Go(func() error {
		for b := range full {
			if err := write(b); err != nil {
				return err
			}
			empty <- b
		}
		return nil
	})
	return g.Wait()
}

func receive(ctx context.Context, c <-chan *dat.Batch) (*dat.Batch, error) {
	select {
	case b := <-c:
		return b, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
