// Package stamp remembers which files were read in full and what their digest was, so that an unchanged file is not
// hashed again. A stamp is a hint for speed and holds only while size, modification time, change time and inode are
// as they were. Stamps die with a restart of the machine: after a power cut a file may have lost bytes that were
// never flushed, without any of those changing.
package stamp

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

// settled is how old a file must be when its reading begins for the result to be remembered. A write that comes
// later then shows in the modification time, whose unit is up to two seconds (FAT).
const settled = 2 * time.Second

// Past is a modification time for files that irisfix writes itself, old enough to be remembered at once.
func Past(t time.Time) time.Time {
	if limit := time.Now().Add(-settled); t.After(limit) {
		t = limit
	}
	return t.Truncate(time.Second)
}

// Facts are what is remembered of a file.
type Facts struct {
	SHA256   string // 64 hex digits
	BlockMap string // the digest of its block map, or empty
	Sound    bool   // what is in it was checked, by the rules of this [Rules]
}

// Rules is the version of the rules by which content is checked. It goes up when they become stricter, so that what was
// sound by older ones is checked again.
const Rules = 1

type entry struct {
	identity
	Facts
}

// identity changes when the file does.
type identity struct {
	size, mtime, ctime int64
	inode              uint64
}

// Set is the stamps of some files, by path, kept in one file. It may be used by several goroutines. Several
// processes may use the same file: the last one to save wins, and what is lost is only a hint.
type Set struct {
	file    string
	mu      sync.Mutex
	entries map[string]entry
	changed bool
}

// Load reads the set that is kept in file. A missing, damaged or outdated file is an empty set; so is the name "",
// for a set that is never saved.
func Load(file string) *Set {
	s := &Set{file: file, entries: map[string]entry{}}
	data, err := os.ReadFile(file)
	if err != nil {
		return s
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() || lines.Text() != header() {
		return s
	}
	for lines.Scan() {
		if path, e, ok := parse(lines.Text()); ok {
			s.entries[path] = e
		}
	}
	return s
}

// Lookup returns the facts of the file at path if it is still the file that they were learned from.
func (s *Set) Lookup(path string, info fs.FileInfo) (Facts, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[path]
	return e.Facts, ok && info.Mode().IsRegular() && e.identity == identify(info)
}

// Put remembers facts of the file at path, which was read in full from the time began on and had this info both
// before and after. It does nothing if the file is too fresh for a later change to be noticed.
func (s *Set) Put(path string, info fs.FileInfo, began time.Time, facts Facts) {
	if began.Sub(info.ModTime()) < settled || strings.ContainsAny(path, "\n\r") {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries[path] = entry{identify(info), facts}
	s.changed = true
}

// Forget drops what is known of path.
func (s *Set) Forget(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.entries[path]; ok {
		delete(s.entries, path)
		s.changed = true
	}
}

// Save writes the set if it has changed.
func (s *Set) Save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.changed || s.file == "" {
		return nil
	}
	var b bytes.Buffer
	b.WriteString(header() + "\n")
	for path, e := range s.entries {
		fmt.Fprintf(&b, "%d %d %d %d %s %s %t %s\n", e.size, e.mtime, e.ctime, e.inode, e.SHA256, orDash(e.BlockMap), e.Sound, path)
	}
	f, err := atomicfile.Create(s.file, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	f.NoSync = true // stamps do not outlive a restart anyhow
	if _, err := f.Write(b.Bytes()); err != nil {
		return err
	}
	s.changed = false
	return f.Commit()
}

var header = sync.OnceValue(func() string { return fmt.Sprintf("irisfix stamps 2.%d %s", Rules, bootID()) })

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func parse(line string) (path string, e entry, ok bool) {
	f := strings.SplitN(line, " ", 8)
	if len(f) != 8 || len(f[4]) != 64 {
		return "", entry{}, false
	}
	n := make([]int64, 3)
	for i := range n {
		v, err := strconv.ParseInt(f[i], 10, 64)
		if err != nil {
			return "", entry{}, false
		}
		n[i] = v
	}
	inode, err := strconv.ParseUint(f[3], 10, 64)
	if err != nil {
		return "", entry{}, false
	}
	e = entry{identity{n[0], n[1], n[2], inode}, Facts{f[4], f[5], f[6] == "true"}}
	if e.BlockMap == "-" {
		e.BlockMap = ""
	}
	return f[7], e, true
}
