package bundle

import (
	"context"
	"path/filepath"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

// Recalc writes the checksums and row counts of the files that are there into the manifest, after a deliberate edit,
// and returns the paths whose entries changed. Nothing else in the manifest changes.
func Recalc(ctx context.Context, path string, o Options) ([]string, error) {
	unlock, err := atomicfile.LockDir(ctx, path)
	if err != nil {
		return nil, err
	}
	defer unlock()
	f, err := OpenDir(path, o)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := f.store.(*directory)
	m := f.Manifest
	var changed []string
	for i, file := range m.Files() {
		facts, _, _, err := d.facts(ctx, file, false)
		if err != nil {
			return nil, err
		}
		sum, rows := digest.Digest("sha256:"+facts.SHA256), file.Rows
		if m.Kind() == Database {
			m.Checksum = sum
		} else {
			if rows, err = d.countRows(ctx, file); err != nil {
				return nil, err
			}
			m.Tables[i].Checksum, m.Tables[i].RowCount = sum, rows
		}
		if sum != file.Digest || rows != file.Rows {
			changed = append(changed, file.Path)
		}
	}
	if len(changed) == 0 {
		return nil, nil
	}
	return changed, atomicfile.WriteFile(filepath.Join(d.path, manifestName), m.Encode(), 0o644)
}

// countRows returns the rows that a table's .DAT says it has.
func (d *directory) countRows(ctx context.Context, file File) (int64, error) {
	blob, err := d.open(ctx, file)
	if err != nil {
		return 0, err
	}
	defer blob.Close()
	r, errs := readTable(file, blob)
	if r == nil {
		return 0, errs[0]
	}
	if err := r.Check(ctx); err != nil {
		return 0, TableError(file.Path, err)
	}
	return r.Rows(), nil
}
