package server

import (
	"crypto/rand"
	_ "crypto/sha256" // go-digest knows the algorithms that are linked
	_ "crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/internal/atomicfile"
)

const (
	// maxUploads bounds the uploads that are open between requests, each with an open file. A client has one for each
	// blob that it is sending, and sends a handful at once.
	maxUploads = 500
	// abandonedAfter is when an upload that nobody continued may be dropped: later than any client that retries.
	abandonedAfter = time.Hour
	// copyBuffer is the memory that a transfer takes: large enough that system calls do not show.
	copyBuffer = 128 << 10
)

// upload is a blob that is arriving, hashed as it is written. Whoever uses it holds its lock.
type upload struct {
	sync.Mutex
	id, name string // of the session, empty for a single request, and of the repository
	used     time.Time
	file     *atomicfile.File
	hash     hash.Hash
	algo     digest.Algorithm
	size     int64
	failed   error // of the disk
	ended    bool
}

func (u *upload) Write(p []byte) (int, error) {
	n, err := u.file.Write(p)
	u.hash.Write(p[:n])
	u.size += int64(n)
	u.failed = err
	return n, err
}

// receive appends body. When the client breaks off, what has arrived counts, so that it can ask for the status and go
// on; when the disk fails, the upload is lost.
func (u *upload) receive(body io.Reader) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{u}, struct{ io.Reader }{body}, make([]byte, copyBuffer))
	if u.failed != nil {
		return errors.Join(u.failed, u.drop())
	} else if err != nil {
		return badRequest("BLOB_UPLOAD_INVALID", "request body ended early")
	}
	return nil
}

// digest returns the digest of what has arrived, from the disk if the client did not say at the start that it would ask
// for this algorithm.
func (u *upload) digest(a digest.Algorithm) (digest.Digest, error) {
	if a != u.algo {
		return hashFile(u.file.Name(), a)
	}
	return digest.NewDigest(a, u.hash), nil
}

// drop discards the upload, unless it was published.
func (u *upload) drop() error {
	u.ended = true
	return u.file.Close()
}

// uploads are those that go over several requests. Their lock may be held when one tries for an upload's, not when one
// waits for it.
type uploads struct {
	dir  string
	mu   sync.Mutex
	byID map[string]*upload
}

// begin opens an upload that only its caller knows.
func (us *uploads) begin(name string, a digest.Algorithm) (*upload, error) {
	f, err := atomicfile.Create(filepath.Join(us.dir, "blob"), 0o444)
	if err != nil {
		return nil, err
	}
	return &upload{name: name, used: time.Now(), file: f, hash: a.Hash(), algo: a}, nil
}

// keep makes an upload known, and drops those that were abandoned.
func (us *uploads) keep(u *upload) error {
	us.mu.Lock()
	defer us.mu.Unlock()
	for id, old := range us.byID {
		if old.TryLock() {
			if old.ended || time.Since(old.used) > abandonedAfter {
				delete(us.byID, id)
				_ = old.drop()
			}
			old.Unlock()
		}
	}
	if len(us.byID) >= maxUploads {
		return refuse(http.StatusTooManyRequests, "TOOMANYREQUESTS", "too many unfinished uploads")
	}
	u.id = newID()
	us.byID[u.id] = u
	return nil
}

// take returns an upload of the repository, locked. It waits for the request that has it.
func (us *uploads) take(name, id string) (*upload, error) {
	us.mu.Lock()
	u := us.byID[id]
	us.mu.Unlock()
	if u != nil && u.name == name {
		u.Lock()
		if u.used = time.Now(); !u.ended {
			return u, nil
		}
		u.Unlock()
	}
	return nil, refuse(http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
}

func (us *uploads) dropAll() error {
	us.mu.Lock()
	defer us.mu.Unlock()
	var errs []error
	for _, u := range us.byID {
		errs = append(errs, u.drop())
	}
	return errors.Join(errs...)
}

// newID is a random UUID, as the specification asks, section "Pushing a blob monolithically".
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
