package explain

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/registry/lockfile"
	"github.com/irisfix/irisfix/registry/server"
	"github.com/irisfix/irisfix/workspace"
)

var update = flag.Bool("update", false, "write the messages into testdata")

// spoken is an error that no script can provoke, or not on every system, and the command line that meets it.
type spoken struct {
	name, line string
	err        error
	code       int
}

const load, pull = "load orders --to sqlite:test.db", "pull ghcr.io/acme/orders:1.0.0"

// network is a request that got no answer.
func network(host string, err error) error {
	return fmt.Errorf("pulling: %w", &registry.NetworkError{Host: host, Resource: "acme/orders/manifests/1.0.0", Err: err})
}

func failed(err error) error { return &loader.FailedError{Target: "sqlite:test.db", Err: err} }

func status(host, resource string, number int) error {
	return &registry.StatusError{Host: host, Method: "GET", Resource: resource, Status: number, Code: "DENIED", Message: "permission_denied: read_package"}
}

var (
	hashOfX   = digest.FromString("x")
	blobX     = ocispec.Descriptor{Digest: hashOfX, Size: 1}
	leaf      = &x509.Certificate{DNSNames: []string{"registry.example.com"}, NotAfter: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)}
	untrusted = &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{Cert: leaf}}
	refused   = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
)

var unreached = []spoken{
	{"rollback-failed", load, &loader.RollbackError{Target: "sqlite:test.db", Tables: []string{"customers", "orders"},
		Cause: errors.New("customers: row 3: disk I/O error"), Err: errors.New("disk I/O error")}, 11},
	{"rollback-unknown", load, &loader.RollbackError{Target: "iris://localhost:1972/USER", Tables: []string{"orders"}, Cause: fmt.Errorf("connection reset: %w", loader.ErrUnknown)}, 11},
	{"rollback-unload", "unload orders --to sqlite:test.db", &loader.RollbackError{Target: "sqlite:test.db", Tables: []string{"orders"}, Cause: io.ErrUnexpectedEOF, Err: io.ErrClosedPipe}, 11},
	{"rollback-interrupted", load, errors.Join(&SignalError{syscall.SIGINT}, &loader.RollbackError{Target: "sqlite:test.db", Tables: []string{"orders"}, Cause: context.Canceled, Err: io.ErrClosedPipe}), 11},
	{"panic", load, &parallel.PanicError{Value: "runtime error: index out of range [3] with length 3", Stack: []byte("goroutine 1 [running]:")}, 70},
	{"panic-in-a-load", load, failed(&parallel.PanicError{Value: "oh", Stack: []byte("goroutine 1 [running]:")}), 70},
	{"panic-in-detail", load + " --verbose", failed(&parallel.PanicError{Value: "oh", Stack: []byte("goroutine 1 [running]:\nmain.main()")}), 70},
	{"several-in-detail", load + " --verbose", &loader.RollbackError{Target: "sqlite:test.db", Tables: []string{"orders"}, Cause: failed(io.ErrUnexpectedEOF), Err: io.ErrClosedPipe}, 11},
	{"unknown", "cache list", errors.New("something that nobody thought of"), 70},
	{"interrupted-pin", "pin orders", &SignalError{syscall.SIGTERM}, 143},

	{"realm", pull, &registry.RealmError{Registry: "registry.example.com", Realm: "login.example.net", Err: status("registry.example.com", "v2/", 401)}, 7},
	{"github-403", "push fixtures/orders ghcr.io/acme/orders:1.0.0", status("ghcr.io", "acme/orders/manifests/1.0.0", 403), 7},
	{"github-by-digest", pull, status("ghcr.io", "acme/orders/manifests/"+hashOfX.String(), 401), 7},
	{"blob-404", pull, status("ghcr.io", "acme/orders/blobs/"+hashOfX.String(), 404), 1},
	{"token-service", pull, status("ghcr.io", "token", 500), 6},
	{"credential-of-nobody", pull, &registry.CredentialError{Source: "/home/ada/.docker/config.json", Reason: "line 3: not JSON"}, 7},

	{"dns", pull, network("ghcr.example", &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "ghcr.example", IsNotFound: true}}), 6},
	{"dns-down", pull, network("ghcr.io", &net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: "ghcr.io", IsTemporary: true}}), 6},
	{"refused", pull, network("registry.example.com:5000", refused), 6},
	{"refused-here", pull, network("localhost:5000", refused), 6},
	{"proxy-login", pull, network("ghcr.io", &registry.ProxyError{Proxy: "proxy.example.com:3128", Status: 407}), 6},
	{"tls-authority", pull, network("registry.example.com", untrusted), 6},
	{"tls-hostname", pull, network("10.0.0.1:5000", x509.HostnameError{Certificate: leaf, Host: "10.0.0.1"}), 6},
	{"tls-expired", pull, network("registry.example.com", x509.CertificateInvalidError{Cert: leaf, Reason: x509.Expired,
		Detail: "current time 2026-02-01T00:00:00Z is after 2026-01-31T00:00:00Z"}), 6},
	{"plain-http", pull, network("registry.example.com", http.ErrSchemeMismatch), 6},
	{"stall", pull, network("ghcr.io", &registry.StallError{After: 30 * time.Second}), 6},
	{"cut", pull, network("ghcr.io", io.ErrUnexpectedEOF), 6},
	{"redirect-to-nowhere", pull, &registry.RedirectError{Host: "registry.example.com", Resource: "acme/orders/manifests/1.0.0", Reason: "not an address"}, 6},
	{"clock", "doctor ghcr.io", &ClockError{"ghcr.io", -90 * time.Minute}, 12},
	{"clock-ahead", "doctor ghcr.io", &ClockError{"ghcr.io", 3 * time.Minute}, 12},

	{"too-many-bytes", pull, &registry.MismatchError{Descriptor: blobX}, 2},
	{"changed", load, &bundle.ChangedError{Path: "orders.dat"}, 2},
	{"offline-damaged", "load orders --to sqlite:test.db --offline", &registry.OfflineError{Subject: "ghcr.io/acme/orders@" + hashOfX.String(),
		Damage: &cache.DamagedError{Descriptor: blobX, Quarantine: "/cache/quarantine/x"}}, 13},
	{"offline-nowhere", "pull", registry.ErrOffline, 13},
	{"moved-away", "pin --check", &workspace.MovedError{Pins: []workspace.Pinned{{Name: "orders", Reference: "ghcr.io/acme/orders:1@" + hashOfX.String(), Previous: hashOfX}}}, 8},
	{"newer-lock", "pull", &lockfile.Error{Path: "irisfix.lock", Line: 2, Reason: "version 2 is newer", Newer: true}, 9},
	{"newer-dat", load, &dat.NewerError{Format: 2}, 9},
	{"corrupt-dat", load, fmt.Errorf("orders.dat: %w", dat.ErrCorrupt), 9},
	{"no-tables", "create --name x --output x --from sqlite:empty.db", &loader.TableNotFoundError{Where: "sqlite:empty.db"}, 3},
	{"no-tables-to-name", "create --name x --output x --from sqlite:empty.db --tables o", &loader.TableNotFoundError{Table: "o", Where: "sqlite:empty.db"}, 3},
	{"many-tables", load + " --table o", &loader.TableNotFoundError{Table: "o", Where: "orders", Have: strings.Fields("a b c d e f g h i j k l m n")}, 3},
	{"no-manifest", load, &bundle.NoManifestError{Dir: ".", Found: []string{"orders.dat", "notes.txt"}}, 1},

	{"counts", load, failed(&loader.CountError{Table: "orders", Want: 3, Got: 4}), 5},
	{"disk-full", load, failed(&loader.StorageError{Reason: "the disk is full", Err: syscall.ENOSPC}), 12},
	{"disk-full-cache", pull, &fs.PathError{Op: "write", Path: "/cache/irisfix/partial", Err: syscall.ENOSPC}, 12},
	{"not-writable", pull, &fs.PathError{Op: "mkdir", Path: "/cache/irisfix", Err: fs.ErrPermission}, 12},
	{"read-only", load, &loader.StorageError{Target: "sqlite:test.db", Reason: "the database cannot be written", Err: fmt.Errorf("attempt to write a readonly database: %w", fs.ErrPermission)}, 12},
	{"rename", pull, &os.LinkError{Op: "rename", Old: "/cache/a", New: "/cache/b", Err: syscall.EXDEV}, 12},
	{"not-a-registry", "serve --dir /srv/www", &server.NotRegistryError{Dir: "/srv/www"}, 12},
	{"long", load, &loader.ConflictError{Target: "sqlite:test.db", Conflicts: manyConflicts()}, 10},
	{"beyond-the-system", load, conflict("row 2, column v: NaN, which SQLite turns into NULL", loader.System), 10},
	{"schemas-that-meet", load + " --schema-map A=C --schema-map B=C", conflict("would be both A.t and B.t of the fixture", loader.Mapping), 10},
	{"appended-by-another", "unload orders --to sqlite:test.db", conflict("rows of version 1.0.0 were appended; unload that one", loader.OtherVersion), 10},
	{"not-ours-to-drop", "sandbox remove IFXQ2WB7ZK4M --to iris://localhost:1972/USER", &loader.ConflictError{Target: "iris://localhost:1972/USER",
		Conflicts: []loader.Conflict{{Table: "IFXQ2WB7ZK4M_Shop", Reason: "has tables that irisfix did not make, and the account may not drop the schema"}}}, 10},
	{"newline", "info a\nb\x1b[31m", &workspace.NotFoundError{Argument: "a\nb\x1b[31m"}, 1},
}

func conflict(reason string, o loader.Obstacle) error {
	return &loader.ConflictError{Target: "sqlite:test.db", Conflicts: []loader.Conflict{{Table: "t", Reason: "lacks the column x"}, {Table: "u", Reason: reason, Obstacle: o}}}
}

func manyConflicts() (list []loader.Conflict) {
	for i := range 25 {
		list = append(list, loader.Conflict{Table: fmt.Sprintf("t%d", i), Reason: "lacks the column x"})
	}
	return list
}

// Whole messages, for those who meet these errors once in their life.
func TestWords(t *testing.T) {
	path := filepath.Join("testdata", "words.txtar")
	golden, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, f := range golden.Files {
		want[f.Name] = string(f.Data)
	}
	said := &txtar.Archive{Comment: golden.Comment}
	for _, s := range unreached {
		raw := strings.Split(s.line, " ")
		in := Invocation{Command: raw[0], Typed: append([]string{"irisfix"}, raw...), Version: "devel"}
		args := raw[1:]
		if raw[0] == "sandbox" {
			in.Command, args = "sandbox remove", raw[2:]
		}
		for _, arg := range args {
			if strings.HasPrefix(arg, "-") {
				break
			}
			in.Args = append(in.Args, arg)
		}
		x := Error(s.err, in)
		if x.Class.Code != s.code {
			t.Errorf("%s: exit code %d, want %d", s.name, x.Class.Code, s.code)
		}
		var out bytes.Buffer
		x.Print(&out, false)
		if strings.HasSuffix(s.line, "--verbose") {
			PrintTrace(&out, s.err)
		}
		if !*update && out.String() != want[s.name] {
			t.Errorf("%s: got\n%s\nwant\n%s", s.name, out.String(), want[s.name])
		}
		said.Files = append(said.Files, txtar.File{Name: s.name, Data: out.Bytes()})
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(said), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if len(golden.Files) != len(unreached) {
		t.Errorf("%d messages in %s, %d errors", len(golden.Files), path, len(unreached))
	}
}
