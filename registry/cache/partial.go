package cache

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

// Partial is a blob on its way into the cache. What has come of a large one stays on the disk when its transfer is
// cut, also by the end of the process, and the next transfer goes on from there. WriteAt may be called from several
// goroutines, and together with Follow; everything else only while neither runs.
type Partial struct {
	desc    ocispec.Descriptor
	file    *os.File
	journal *os.File // nil: a file of this process alone, which nobody continues

	writing sync.Mutex // held from looking for a gap until it is filled, so that two do not fill it with different bytes

	mu     sync.Mutex
	have   spans
	count  int64 // bytes in have
	next   int64 // where Write goes on
	spoilt bool  // not worth being continued
	closed bool

	grown    chan struct{} // has a value when have grew
	followed bool
	hash     hash.Hash
	hashed   int64 // bytes from the beginning that are in hash
}

// journalSuffix ends the name of the journal beside the partial file.
const journalSuffix = ".spans"

// openPartial opens the file of an unfinished blob, with what is there of it. Without a lock the file is one of our
// own, and so it is where something that cannot be used is in the way.
func (c *Cache) openPartial(name string, desc ocispec.Descriptor, locked bool) (*Partial, error) {
	if locked && desc.Size > sharedLock {
		if p, err := c.continued(name, desc); err == nil || errors.Is(err, fs.ErrNotExist) {
			return p, err
		}
	}
	file, err := os.CreateTemp(c.path(partialDir), atomicfile.TempPrefix+"*.tmp")
	if err != nil {
		return nil, err
	}
	p := newPartial(desc, file)
	if err := file.Truncate(desc.Size); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func newPartial(desc ocispec.Descriptor, file *os.File) *Partial {
	return &Partial{desc: desc, file: file, hash: sha256.New(), grown: make(chan struct{}, 1)}
}

// continued opens the file that every process continues.
func (c *Cache) continued(name string, desc ocispec.Descriptor) (*Partial, error) {
	path := c.path(partialDir, name)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrPermission) { // a process that was about to publish it was killed
		err = os.Chmod(path, 0o600)
		if err == nil {
			file, err = os.OpenFile(path, os.O_RDWR, 0)
		}
	}
	if err != nil {
		return nil, err
	}
	p := newPartial(desc, file)
	if p.journal, err = os.OpenFile(path+journalSuffix, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600); err == nil {
		err = p.takeOver()
	}
	if err != nil {
		p.spoilt = true
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// takeOver finds out what is there already.
func (p *Partial) takeOver() error {
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == p.desc.Size && info.Mode().IsRegular() {
		if p.have, err = readJournal(p.journal, p.desc.Size); err != nil {
			return err
		}
	}
	if len(p.have) == 0 {
		return p.Reset()
	}
	for _, s := range p.have {
		p.count += s.Len()
	}
	return trimJournal(p.journal)
}

// Reset throws away what is there.
func (p *Partial) Reset() error {
	p.have, p.count, p.next, p.hashed, p.followed = nil, 0, 0, 0, false
	p.hash.Reset()
	var err error
	if p.journal != nil { // first, since it must never tell of more than there is
		err = p.journal.Truncate(0)
	}
	return errors.Join(err, p.file.Truncate(0), p.file.Truncate(p.desc.Size))
}

// WriteAt puts bytes in their place. Those that are there already are left as they are: they may be in the digest. It
// refuses with a [*MismatchError] what goes beyond the descriptor's size, so that a server that never stops cannot fill
// the disk.
func (p *Partial) WriteAt(b []byte, at int64) (int, error) {
	end := at + int64(len(b))
	if end > p.desc.Size {
		return 0, &MismatchError{Descriptor: p.desc, GotSize: end}
	}
	p.writing.Lock()
	defer p.writing.Unlock()
	for _, gap := range p.Gaps(Span{at, end}) {
		part := b[gap.Start-at : gap.End-at]
		_, err := p.file.WriteAt(part, gap.Start)
		if err == nil {
			err = p.mark(gap, part)
		}
		if err != nil {
			p.spoil() // a full disk is not helped by what is kept on it
			return int(gap.Start - at), err
		}
	}
	return len(b), nil
}

// Hole says that the bytes of a span are zeros, which they are as long as nothing is written there.
func (p *Partial) Hole(s Span) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	for _, gap := range p.Gaps(s) {
		if err := p.mark(gap, nil); err != nil {
			return err
		}
	}
	return nil
}

// mark notes that a span is there; b are its bytes if they are at hand.
func (p *Partial) mark(s Span, b []byte) error {
	if p.journal != nil {
		if err := appendJournal(p.journal, s); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.have.add(s)
	p.count += s.Len()
	if !p.followed && b != nil && s.Start == p.hashed {
		p.hash.Write(b)
		p.hashed = s.End
	}
	select {
	case p.grown <- struct{}{}:
	default:
	}
	return nil
}

func (p *Partial) spoil() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spoilt = true
}

// Write appends to what was written by Write.
func (p *Partial) Write(b []byte) (int, error) {
	n, err := p.WriteAt(b, p.next)
	p.next += int64(n)
	return n, err
}

// Have is the number of bytes that are there.
func (p *Partial) Have() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

// Gaps are the parts of a span that are not there.
func (p *Partial) Gaps(s Span) []Span {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.have.within(s)
}

// Missing are all spans that are not there.
func (p *Partial) Missing() []Span { return p.Gaps(Span{0, p.desc.Size}) }

// Follow computes the digest of what comes while it comes, until all is there or ctx ends. A blob that arrives in
// several places at once then needs no second reading.
func (p *Partial) Follow(ctx context.Context) error {
	p.mu.Lock()
	p.followed = true
	p.mu.Unlock()
	for {
		if err := p.catchUp(ctx); err != nil {
			return err
		}
		if p.hashed == p.desc.Size {
			return nil
		}
		select {
		case <-p.grown:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// catchUp brings the digest to the first gap.
func (p *Partial) catchUp(ctx context.Context) error {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	for {
		p.mu.Lock()
		end := p.have.prefix()
		p.mu.Unlock()
		if p.hashed >= end {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := p.file.ReadAt((*buf)[:min(int64(len(*buf)), end-p.hashed)], p.hashed)
		p.hash.Write((*buf)[:n])
		p.hashed += int64(n)
		if err != nil && (err != io.EOF || n == 0) {
			return err
		}
	}
}

// Check compares what has come with the descriptor; the error is a [*MismatchError].
func (p *Partial) Check(ctx context.Context) error {
	if err := p.catchUp(ctx); err != nil {
		return err
	}
	got := digest.NewDigest(digest.SHA256, p.hash)
	if got == p.desc.Digest && p.hashed == p.desc.Size {
		return nil
	}
	return &MismatchError{Descriptor: p.desc, GotDigest: got, GotSize: p.hashed}
}

// close closes the files. What a later transfer can continue stays.
func (p *Partial) close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	err := p.file.Close()
	if p.journal == nil {
		return errors.Join(err, os.Remove(p.file.Name()))
	}
	err = errors.Join(err, p.journal.Close())
	if p.spoilt || len(p.have) == 0 {
		err = errors.Join(err, os.Remove(p.journal.Name()), os.Remove(p.file.Name()))
	}
	return err
}

// rename ends the partial file and gives it its name.
func (p *Partial) rename(target string) error {
	if runtime.GOOS != "windows" { // a read-only file cannot be renamed or removed there
		if err := p.file.Chmod(0o444); err != nil {
			return err
		}
	}
	p.closed = true
	err := atomicfile.Publish(p.file, target)
	if p.journal != nil {
		err = errors.Join(err, p.journal.Close(), os.Remove(p.journal.Name()))
	}
	return err
}
