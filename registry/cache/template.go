package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/atomicfile"
	"github.com/irisfix/irisfix/internal/stamp"
	"github.com/irisfix/irisfix/internal/strictjson"
)

// Template says what a file is made of that takes time to make and of which copies are wanted: a database with fixtures.
// The cache keeps one such file for each template.
type Template struct {
	Kind string          // what makes the file, and by which version of its rules
	Of   []digest.Digest // of the image manifests, in their order
}

// Origin tells where an instance of a template comes from.
type Origin int

const (
	Filled Origin = iota // it was filled, and nothing was kept of it
	Kept                 // it was filled, and a copy is kept for the next
	Copied               // it is a copy of what was kept
)

// templateFile is what is written down of a kept file: what it is made of, and how it is known.
type templateFile struct {
	Kind   string          `json:"kind"`
	Of     []digest.Digest `json:"of"`
	Size   int64           `json:"size"`
	SHA256 string          `json:"sha256"`
}

const (
	templatesDir   = "templates"
	templateSuffix = ".json"

	// maxTemplateFile limits what is read of a kept file; a list of a thousand fixtures takes less.
	maxTemplateFile = 256 << 10
)

// name is the name of the kept file: a hash of what it is made of.
func (t Template) name() string {
	h := sha256.New()
	io.WriteString(h, t.Kind+"\n")
	for _, d := range t.Of {
		io.WriteString(h, d.String()+"\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Instantiate makes a file of the template at target, which must not exist, in a directory that does: a private,
// writable copy of the kept one, or if there is none that is good, what fill makes there, of which a copy is kept. Of
// several processes that want one template at the same time one fills it where locks work; wait is called, at most once,
// if another one is waited for. A cache that cannot be written keeps nothing. Errors are those of fill and of target.
func (c *Cache) Instantiate(ctx context.Context, t Template, target string, wait func(), fill func(context.Context) error) (Origin, error) {
	if copied, err := c.copyTemplate(ctx, t, target); copied || err != nil {
		return Copied, err
	}
	unlock, err := c.lockTemplate(ctx, t.name(), wait)
	if err != nil {
		return Filled, err
	}
	defer unlock()
	if copied, err := c.copyTemplate(ctx, t, target); copied || err != nil { // the one we waited for has made it
		return Copied, err
	}
	if err := fill(ctx); err != nil {
		return Filled, err
	}
	if err := c.keepTemplate(ctx, t, target); err != nil {
		return Filled, context.Cause(ctx) // the instance is good
	}
	return Kept, nil
}

// lockTemplate gets the right to make a template. It waits for others: in this process for their turn, without a word, then
// for other processes, as far as locks can be had.
func (c *Cache) lockTemplate(ctx context.Context, name string, wait func()) (unlock func(), err error) {
	turn := c.fillTurn(name)
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	l, err := c.flock(ctx, name, wait)
	if err != nil {
		<-turn
		return nil, err
	}
	return func() {
		if l != nil {
			os.Remove(l.Path()) // nobody will want it again while the copy is kept
			l.Unlock()
		}
		<-turn
	}, nil
}

func (c *Cache) fillTurn(name string) chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fills[name] == nil {
		c.fills[name] = make(chan struct{}, 1)
	}
	return c.fills[name]
}

// copyTemplate copies the kept file, if there is a good one.
func (c *Cache) copyTemplate(ctx context.Context, t Template, target string) (bool, error) {
	f, err := c.openTemplate(ctx, t)
	if err != nil || f == nil {
		return false, err
	}
	defer f.Close()
	return true, replicate(ctx, f, target, time.Time{})
}

// openTemplate opens the kept file. It is nil if there is none, or one that is damaged or not ours, which is as good as
// none: it will be replaced.
func (c *Cache) openTemplate(ctx context.Context, t Template) (*os.File, error) {
	name := t.name()
	is, err := c.readTemplate(name)
	if err != nil || c.unusable != nil {
		return nil, nil
	}
	path := c.path(templatesDir, name)
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || info.Size() != is.Size { // opening a pipe would wait for ever
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil
	}
	if good, err := c.known(ctx, name, f, is); !good || err != nil {
		f.Close()
		return nil, err
	}
	c.touch(path + templateSuffix)
	return f, nil
}

// readTemplate reads what is written down of a kept file.
func (c *Cache) readTemplate(name string) (templateFile, error) {
	data, err := readLimited(c.path(templatesDir, name+templateSuffix), maxTemplateFile)
	if err != nil {
		return templateFile{}, err
	}
	return parseTemplate(name, data)
}

func parseTemplate(name string, data []byte) (is templateFile, err error) {
	err = strictjson.Decode(data, &is)
	if err == nil && (Template{is.Kind, is.Of}).name() != name {
		err = errors.New("of another template")
	}
	return is, err
}

// known reports whether a kept file is what was written down, by its stamp or by reading it.
func (c *Cache) known(ctx context.Context, name string, f *os.File, is templateFile) (bool, error) {
	info, err := f.Stat()
	if err != nil {
		return false, nil
	}
	stamps := c.stampsOf(name)
	if facts, ok := stamps.Lookup(name, info); ok {
		return facts.SHA256 == is.SHA256, nil
	}
	began := time.Now()
	sum, _, err := sum256(ctx, f)
	if cause := context.Cause(ctx); cause != nil {
		return false, cause
	}
	after, e := f.Stat()
	if err != nil || sum != is.SHA256 || e != nil || !after.ModTime().Equal(info.ModTime()) {
		return false, nil
	}
	stamps.Put(name, info, began, stamp.Facts{SHA256: is.SHA256})
	return true, nil
}

// touch remembers that something was used now, within an hour.
func (c *Cache) touch(path string) {
	if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()).Abs() > rememberAgain {
		now := time.Now()
		_ = os.Chtimes(path, now, now) // in a cache that cannot be written nothing is pruned
	}
}

// keepTemplate keeps a copy of a file that was filled.
func (c *Cache) keepTemplate(ctx context.Context, t Template, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	name := t.name()
	path := c.path(templatesDir, name)
	return c.made(func() error {
		if err := os.Mkdir(c.path(templatesDir), 0o755); err != nil && !os.IsExist(err) {
			return err
		}
		began, past := time.Now(), stamp.Past(time.Now())
		is := templateFile{Kind: t.Kind, Of: slices.Clone(t.Of)}
		if is.Size, is.SHA256, err = publishCopy(ctx, src, path, past); err != nil {
			return err
		}
		data, err := json.Marshal(is)
		if err == nil {
			err = writeFile(path+templateSuffix, append(data, '\n'))
		}
		if err != nil {
			return err
		}
		if info, err := os.Lstat(path); err == nil && info.Size() == is.Size && info.ModTime().Equal(past) {
			c.stampsOf(name).Put(name, info, began, stamp.Facts{SHA256: is.SHA256})
		}
		return nil
	})
}

// publishCopy gives a copy of an open file its name and tells what it holds.
func publishCopy(ctx context.Context, src *os.File, target string, modified time.Time) (size int64, sum string, err error) {
	const readOnly = 0o444
	dst, err := atomicfile.Create(target, readOnly)
	if err != nil {
		return 0, "", err
	}
	defer dst.Close()
	h := sha256.New()
	if clone(dst.File, src) == nil {
		err = copyFile(ctx, h, src)
	} else {
		err = copyFile(ctx, io.MultiWriter(dst, h), src)
	}
	if err == nil {
		err = os.Chtimes(dst.Name(), modified, modified)
	}
	if err == nil && runtime.GOOS != "windows" { // a clone may be another file; there, a read-only one cannot be replaced
		err = os.Chmod(dst.Name(), readOnly)
	}
	if err != nil {
		return 0, "", err
	}
	info, err := os.Lstat(dst.Name())
	if err != nil {
		return 0, "", err
	}
	dst.NoSync = true // a restart ends the stamps: what a power cut left of it is found then
	return info.Size(), hex.EncodeToString(h.Sum(nil)), dst.Commit()
}
