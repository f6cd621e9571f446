package irisdat_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/irisdat"
	"github.com/irisfix/irisfix/loader/iris/irisdat/irisdattest"
)

func read(b []byte) (*irisdat.Database, error) {
	return irisdat.Read(bytes.NewReader(b), int64(len(b)))
}

// expected is what is to be said of the files that [irisdattest] makes unless they are made otherwise.
func expected(change func(*irisdat.Database)) irisdat.Database {
	d := irisdat.Database{Size: 16 * 8192, Order: irisdat.LittleEndian, BlockSize: 8192, Blocks: 16, Family: irisdat.IRIS,
		Encryption: irisdat.Plain, Directory: "/srv/iris/test/", Resource: "%DB_%DEFAULT", Collation: 5}
	change(&d)
	return d
}

func TestKindsOfFilesAreToldApart(t *testing.T) {
	for name, c := range map[string]struct {
		shape irisdattest.Shape
		want  func(*irisdat.Database)
	}{
		"usual": {irisdattest.Shape{}, func(*irisdat.Database) {}},
		"Caché on Windows": {irisdattest.Shape{Cache: true, Directory: `c:\db\`, Resource: "%DB_APP"}, func(d *irisdat.Database) {
			d.Family, d.Directory, d.Resource = irisdat.Cache, `c:\db\`, "%DB_APP"
		}},
		"16 KiB":     {irisdattest.Shape{BlockSize: 16384}, func(d *irisdat.Database) { d.Size, d.BlockSize = 16*16384, 16384 }},
		"32 KiB":     {irisdattest.Shape{BlockSize: 32768}, func(d *irisdat.Database) { d.Size, d.BlockSize = 16*32768, 32768 }},
		"64 KiB":     {irisdattest.Shape{BlockSize: 65536}, func(d *irisdat.Database) { d.Size, d.BlockSize = 16*65536, 65536 }},
		"big-endian": {irisdattest.Shape{BigEndian: true}, func(d *irisdat.Database) { d.Order = irisdat.BigEndian }},
		"encrypted":  {irisdattest.Shape{Encrypted: true}, func(d *irisdat.Database) { d.Encryption = irisdat.Scrambled }},
		"encrypted, big-endian, 64 KiB": {irisdattest.Shape{Encrypted: true, BigEndian: true, BlockSize: 65536}, func(d *irisdat.Database) {
			d.Size, d.BlockSize, d.Order, d.Encryption = 16*65536, 65536, irisdat.BigEndian, irisdat.Scrambled
		}},
	} {
		got, err := read(irisdattest.File(c.shape))
		if err != nil || *got != expected(c.want) {
			t.Errorf("%s: got %+v, %v\nwant %+v", name, got, err, expected(c.want))
		}
	}
}

func TestWhatIsNoDatabaseIsSaid(t *testing.T) {
	marked := irisdattest.File(irisdattest.Shape{})
	late := bytes.Clone(marked)
	late[0x3ff] = 1
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"empty":              {nil, "not a database file: too short for a label"},
		"cut in the label":   {marked[:0x7ff], "not a database file: too short for a label"},
		"zeros":              {make([]byte, 1<<20), "not a database file: no label at its beginning"},
		"text":               {bytes.Repeat([]byte("Cache DB"), 1000), "not a database file: no label at its beginning"},
		"something in front": {late, "not a database file: no label at its beginning"},
	} {
		d, err := read(c.file)
		var not *irisdat.NotDatabaseError
		if d != nil || !errors.As(err, &not) || err.Error() != c.want {
			t.Errorf("%s: got %v, %v, want %q", name, d, err, c.want)
		}
	}
}

func TestAFileOfAnotherLengthThanItsLabelSaysIsReportedWithItsLabel(t *testing.T) {
	whole := irisdattest.File(irisdattest.Shape{})
	for _, size := range []int{len(whole) - 1, len(whole) - 8192, 3 * 8192, len(whole) + 1, len(whole) + 8192} {
		file := make([]byte, size)
		copy(file, whole)
		d, err := read(file)
		var wrong *irisdat.SizeError
		if !errors.As(err, &wrong) || wrong.Have != int64(size) || wrong.Want != int64(len(whole)) {
			t.Errorf("%d bytes: %v", size, err)
		}
		if want := expected(func(d *irisdat.Database) { d.Size = int64(size) }); d == nil || *d != want {
			t.Errorf("%d bytes: got %+v, want %+v", size, d, want)
		}
	}
}

func TestBlocksThatAreNeitherLegibleNorRandomAreNotCalledEncrypted(t *testing.T) {
	file := irisdattest.File(irisdattest.Shape{})
	clear(file[8192:])
	want := expected(func(d *irisdat.Database) { d.Encryption = irisdat.Illegible })
	if d, err := read(file); err != nil || *d != want {
		t.Errorf("got %+v, %v, want %+v", d, err, want)
	}
	cut := file[:2048]
	want = expected(func(d *irisdat.Database) { d.Encryption, d.BlockSize, d.Size = irisdat.Illegible, 0, 2048 })
	if d, err := read(cut); err != nil || *d != want {
		t.Errorf("label only: got %+v, %v, want %+v", d, err, want)
	}
}

func TestANameThatCannotBeIsNone(t *testing.T) {
	file := irisdattest.File(irisdattest.Shape{})
	file[0x5fc], file[0x5fd] = 0x03, 0x01 // 259 bytes, one more than there are to the next field
	file[0x700] = 0xff                    // 255, one more than the label has
	want := expected(func(d *irisdat.Database) { d.Directory, d.Resource = "", "" })
	if d, err := read(file); err != nil || *d != want {
		t.Errorf("got %+v, %v, want %+v", d, err, want)
	}
}

func TestALabelOfAnUnknownFormIsADatabaseOfWhichNothingIsKnown(t *testing.T) {
	file := irisdattest.File(irisdattest.Shape{})
	file[0x40c] = 7
	want := irisdat.Database{Size: int64(len(file))}
	if d, err := read(file); err != nil || *d != want {
		t.Errorf("got %+v, %v, want %+v", d, err, want)
	}
}

// failing is a disk that cannot be read from somewhere on.
type failing struct {
	r    io.ReaderAt
	from int64
}

var errDisk = errors.New("input/output error")

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off >= f.from {
		return 0, errDisk
	}
	return f.r.ReadAt(p, off)
}

func TestErrorsOfReadingAreReturned(t *testing.T) {
	file := irisdattest.File(irisdattest.Shape{})
	for _, from := range []int64{0, 8192} {
		if d, err := irisdat.Read(failing{bytes.NewReader(file), from}, int64(len(file))); d != nil || !errors.Is(err, errDisk) {
			t.Errorf("from %d on: %v, %v", from, d, err)
		}
	}
}

// counting counts the bytes that are asked for.
type counting struct {
	r io.ReaderAt
	n int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	c.n += len(p)
	return c.r.ReadAt(p, off)
}

func FuzzRead(f *testing.F) {
	for _, s := range []irisdattest.Shape{{}, {BigEndian: true}, {BlockSize: 16384}, {Encrypted: true, Blocks: 3}, {Cache: true, Blocks: 3}} {
		f.Add(irisdattest.File(s)[:2*8192+64], int64(16*8192))
	}
	f.Add([]byte{}, int64(0))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		r := &counting{r: bytes.NewReader(b)}
		d, err := irisdat.Read(r, size)
		if r.n > 16<<10 {
			t.Fatalf("%d bytes read", r.n)
		}
		var wrong *irisdat.SizeError
		if err != nil && !errors.As(err, &wrong) {
			if d != nil {
				t.Fatalf("%+v with %v", d, err)
			}
			return
		}
		if d == nil || d.Size != size || len(d.Directory) > 258 || len(d.Resource) > 254 {
			t.Fatalf("%+v, %v", d, err)
		}
		if d.Encryption == irisdat.Plain && d.BlockSize == 0 {
			t.Fatalf("blocks that were read have no size: %+v", d)
		}
	})
}

// TestRealFiles reads database files of real servers, which are not part of this repository. Each is known by its name
// in the folder that IRISFIX_TEST_DATABASES names.
func TestRealFiles(t *testing.T) {
	dir := os.Getenv("IRISFIX_TEST_DATABASES")
	if dir == "" {
		t.Skip("IRISFIX_TEST_DATABASES names no folder with database files")
	}
	real := irisdat.Database{Size: 1 << 20, Order: irisdat.LittleEndian, BlockSize: 8192, Blocks: 128, Encryption: irisdat.Plain, Resource: "%DB_%DEFAULT"}
	for name, want := range map[string]struct {
		family    irisdat.Family
		directory string
		collation int
	}{
		"A": {irisdat.Cache, `c:\globals\mgr\data\`, 5},
		"D": {irisdat.IRIS, `c:\intersystems\iris\mgr\cache\`, 30},
		"E": {irisdat.IRIS, "/external/demo/", 5},
		"F": {irisdat.IRIS, "/external/demo/", 5},
	} {
		d := real
		d.Family, d.Directory, d.Collation = want.family, want.directory, want.collation
		if got, err := read(unpacked(t, filepath.Join(dir, name+".DAT.gz"))); err != nil || *got != d {
			t.Errorf("%s: got %+v, %v\nwant %+v", name, got, err, d)
		}
	}
}

func unpacked(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
