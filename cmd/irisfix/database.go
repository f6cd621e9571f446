package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/loader/iris/irisdat"
)

// databaseFile is a whole database file and what its first pages tell of it.
type databaseFile struct {
	path  string
	label *irisdat.Database // nil: none
	err   error             // of irisdat
}

// lookInto reads the first pages of a file. Only what is wrong with the file as a file is an error.
func lookInto(path string) (databaseFile, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() { // opening a FIFO would wait for whoever writes to it
		err = &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	if err != nil {
		return databaseFile{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return databaseFile{}, err
	}
	defer f.Close()
	return lookAt(path, f, info.Size())
}

// lookAt reads the first pages of what is open already.
func lookAt(path string, r io.ReaderAt, size int64) (databaseFile, error) {
	label, err := irisdat.Read(r, size)
	if err != nil && !isA[*irisdat.NotDatabaseError](err) && !isA[*irisdat.SizeError](err) {
		return databaseFile{}, err
	}
	return databaseFile{path, label, err}, nil
}

// inFixture reads the first pages of the file of a database fixture.
func inFixture(ctx context.Context, f *bundle.Fixture) (databaseFile, error) {
	file := f.Manifest.Files()[0]
	blob, err := f.Open(ctx, file)
	if err != nil {
		return databaseFile{}, err
	}
	defer blob.Close()
	return lookAt(file.Path, blob, blob.Size())
}

// databaseIn finds the file that a server would mount in a directory, or nothing.
func databaseIn(dir string) string {
	entries, _ := os.ReadDir(dir)
	for _, name := range []string{"IRIS.DAT", "CACHE.DAT"} {
		for _, e := range entries {
			if strings.EqualFold(e.Name(), name) {
				return filepath.Join(dir, e.Name())
			}
		}
	}
	return ""
}

// warnOfDatabase says what a server may not like about a file, before it is copied.
func (a *app) warnOfDatabase(d databaseFile, more ...remark) {
	for _, r := range append(d.remarks(), more...) {
		a.warn(d.path, r.text+". "+r.advice.String())
	}
}

// beside finds what belongs to a database and is not in its file.
func (d databaseFile) beside() (list []remark) {
	dir := filepath.Dir(d.path)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if name := strings.ToUpper(e.Name()); strings.HasPrefix(name, "IRIS-") && strings.HasSuffix(name, ".VOL") || name == "IRIS.DBDIR" {
			list = append(list, volumeRemark(e.Name()))
			break
		}
	}
	if streams, _ := os.ReadDir(filepath.Join(dir, "stream")); len(streams) > 0 {
		list = append(list, streamRemark)
	}
	return list
}

// describe is a file in a line.
func (d databaseFile) describe() string {
	l := d.label
	if l == nil || l.Order == "" {
		return "the label of a database, in a form that is not known"
	}
	blocks := phrase.Count(l.Blocks, "block")
	if l.BlockSize != 0 {
		blocks += " of " + phrase.Number(int64(l.BlockSize)) + " bytes"
	}
	words := []string{string(l.Family), blocks, string(l.Order), string(l.Encryption)}
	text := ""
	for _, w := range words {
		if w == string(irisdat.Scrambled) {
			w = "encrypted, as far as can be seen"
		}
		if w != "" {
			text += ", " + w
		}
	}
	text = text[len(", "):]
	if l.Resource != "" {
		text += "; resource " + l.Resource
	}
	if l.Directory != "" {
		text += ", directory " + l.Directory
	}
	return text
}

// databaseJSON is what info says of a database file.
type databaseJSON struct {
	Family     string `json:"family"`
	Order      string `json:"byte_order"`
	BlockSize  int    `json:"block_size"`
	Blocks     int64  `json:"blocks"`
	Encryption string `json:"encryption"`
	Resource   string `json:"resource"`
	Directory  string `json:"directory"`
}

func (d databaseFile) json() *databaseJSON {
	if d.label == nil {
		return nil
	}
	l := d.label
	encryption := string(l.Encryption)
	if l.Encryption == irisdat.Scrambled {
		encryption = "likely"
	} else if l.Encryption == irisdat.Plain {
		encryption = "none"
	}
	return &databaseJSON{string(l.Family), string(l.Order), l.BlockSize, l.Blocks, encryption, l.Resource, l.Directory}
}
