package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/internal/parallel"
)

// Report is everything that a validation found.
type Report struct {
	Manifest *Manifest // as far as it could be read
	Errors   []error   // of the types that this package and dat define
	Warnings []Warning
}

// ValidateOptions choose what is checked.
type ValidateOptions struct {
	NoChecksums bool // leave out what reads the files in full
}

// Unread is the report on a fixture whose manifest cannot be read, for a reason that lies in the fixture. It is nil if err is
// about something else.
func Unread(err error) *Report {
	var none *NoManifestError
	var invalid *InvalidError
	var newer *NewerError
	var other *NotFixtureError
	if errors.As(err, &none) || errors.As(err, &invalid) || errors.As(err, &newer) || errors.As(err, &other) {
		return &Report{Manifest: &Manifest{}, Errors: []error{err}}
	}
	return nil
}

// ValidateDir checks a fixture directory: the manifest, every file's checksum, every row of every table, and what lies
// beside. It fails only if nothing could be checked; what is wrong with the fixture is in the report.
func ValidateDir(ctx context.Context, path string, v ValidateOptions, o Options) (*Report, error) {
	f, problems, err := openDir(path, o)
	if r := Unread(err); r != nil {
		return r, nil
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	r := &Report{Manifest: f.Manifest}
	if len(problems) > 0 {
		r.Errors = append(r.Errors, &InvalidError{path, problems})
	}
	if err := r.files(ctx, f, v, problems); err != nil {
		return nil, err
	}
	extra, err := f.store.(*directory).extra(f.Manifest)
	if err != nil {
		return nil, err
	}
	r.Warnings = f.Manifest.Warnings()
	for _, name := range extra {
		r.Warnings = append(r.Warnings, Warning{name, "not listed in the manifest, and not packed"})
	}
	return r, nil
}

// Validate checks a fixture that was opened already, so that its manifest is known to be valid.
func Validate(ctx context.Context, f *Fixture, v ValidateOptions) (*Report, error) {
	r := &Report{Manifest: f.Manifest, Warnings: f.Manifest.Warnings()}
	return r, r.files(ctx, f, v, nil)
}

// checkers is how many tables are read at once. Each takes the memory of a row group, whose columns are read by all
// processors.
const checkers = 2

// files checks every file whose path is safe.
func (r *Report) files(ctx context.Context, f *Fixture, v ValidateOptions, problems []Problem) error {
	files := slices.DeleteFunc(f.Manifest.Files(), func(f File) bool { return checkPath(f.Path) != "" })
	found := make([][]error, len(files))
	err := parallel.ForEach(ctx, min(f.opts.Workers, checkers), len(files), func(ctx context.Context, i int) error {
		found[i] = checkFile(ctx, f, files[i], v)
		return context.Cause(ctx)
	})
	for _, errs := range found {
		r.Errors = append(r.Errors, errs...)
	}
	return err
}

// checkFile returns everything that is wrong with a file.
func checkFile(ctx context.Context, f *Fixture, file File, v ValidateOptions) []error {
	if !v.NoChecksums && digestForm.MatchString(string(file.Digest)) {
		if err := f.store.verify(ctx, file); err != nil {
			return []error{err} // other bytes than those of the manifest: no use in reading them
		}
	}
	blob, err := f.store.open(ctx, file)
	if err != nil {
		return []error{err}
	}
	defer blob.Close()
	if file.Table == "" {
		if err := CheckDatabase(file.Path, blob); err != nil {
			return []error{err}
		}
		return nil
	}
	r, errs := readTable(file, blob)
	d, local := f.store.(*directory)
	if r == nil || v.NoChecksums || local && d.sound(file.Path) {
		return errs
	}
	if err := r.Check(ctx); err != nil {
		return append(errs, TableError(file.Path, err))
	}
	if local {
		d.markSound(file.Path)
	}
	return errs
}

// readTable opens a table's .DAT and holds its end against the manifest. The reader is nil if there is none.
func readTable(file File, blob Blob) (*dat.Reader, []error) {
	r, err := dat.NewReader(blob, blob.Size())
	if err != nil {
		return nil, []error{TableError(file.Path, err)}
	}
	var errs []error
	if name := r.Table().Name; name != file.Table {
		errs = append(errs, contradicts(file, "holds the table %q, the manifest says %q", name, file.Table))
	}
	if r.Rows() != file.Rows {
		errs = append(errs, contradicts(file, "holds %d rows, the manifest says %d", r.Rows(), file.Rows))
	}
	return r, errs
}

func contradicts(file File, format string, args ...any) error {
	return &InvalidError{file.Path, []Problem{{file.Path, fmt.Sprintf(format, args...)}}}
}

// TableError gives what is wrong inside a .DAT the form of an invalid fixture that names the file. Errors of reading
// stay what they are.
func TableError(path string, err error) error {
	var newer *dat.NewerError
	var schema *dat.SchemaError
	var value *dat.ValueError
	var order *dat.OrderError
	switch {
	case errors.As(err, &newer):
		return &NewerError{path, fmt.Sprint(newer.Format)}
	case errors.Is(err, dat.ErrForeign):
		return &InvalidError{path, []Problem{{path, "a Parquet file that another tool wrote: it does not carry " + dat.MetadataKey + ", which says the SQL types and keys"}}}
	case errors.Is(err, dat.ErrCorrupt), errors.As(err, &schema), errors.As(err, &value), errors.As(err, &order):
		return &InvalidError{path, []Problem{{path, err.Error()}}}
	}
	return err
}

// OpenTable opens a table's .DAT of a verified fixture and holds it against the manifest.
func (f *Fixture) OpenTable(ctx context.Context, file File) (*dat.Reader, io.Closer, error) {
	blob, err := f.Open(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	r, errs := readTable(file, blob)
	if len(errs) > 0 {
		return nil, nil, errors.Join(append(errs, blob.Close())...)
	}
	return r, blob, nil
}

// CheckDatabase refuses what iris-devtester calls a fixture but is an export of globals, which cannot be mounted. The path is
// for the error, an [*InvalidError].
func CheckDatabase(path string, file io.ReaderAt) error {
	head := make([]byte, 512)
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf")), " \r\n\t")
	for mark, what := range map[string]string{
		"~Format=": "a global export (%GOF)", "<?xml": "an XML export", "<Export": "an XML export",
		"GOF_FIXTURE": "what iris-devtester puts beside an export of globals", // fixtures/creator.py of iris-devtester 1.21.0
	} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return &InvalidError{path, []Problem{{path, what + ", not a database file"}}}
		}
	}
	return nil
}
