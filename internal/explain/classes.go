package explain

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"slices"
	"syscall"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/internal/settings"
	"github.com/irisfix/irisfix/lfs"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/discover"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/registry/lockfile"
	"github.com/irisfix/irisfix/registry/server"
	"github.com/irisfix/irisfix/workspace"
)

// What errors belong to which class. A class is chosen by type or sentinel, never by text.

// classes is ordered: the first match wins, so the more specific come first.
var classes []*Class

func init() {
	classes = []*Class{
		{70, "internal", isPanic, sayInternal, "a defect in irisfix"},
		{11, "rollback-failed", isA[*loader.RollbackError], sayRollback, "a load failed and could not be undone, or its outcome is not known"},
		{130, "interrupted", isSignal(130), sayInterrupted, "Ctrl-C; what was begun was undone"},
		{143, "interrupted", isEnded, sayInterrupted, "SIGTERM; what was begun was undone"},
		{64, "usage", isUsage, sayUsage, "wrong flags or arguments"},
		{8, "pin-violation", isPinViolation, sayPin, "not pinned in a frozen run, or a pinned tag has moved"},
		{13, "not-cached", isOffline, sayOffline, "offline, and not in the cache"},
		{2, "checksum-mismatch", isMismatch, sayMismatch, "bytes do not match their digest, or a listed file is absent"},
		{7, "unauthorized", isUnauthorized, sayUnauthorized, "the registry answers 401 or 403"},
		{10, "target-conflict", isConflict, sayConflict, "what is there already is in the way, and was left as it is"},
		{3, "table-not-found", isA[*loader.TableNotFoundError], sayTableNotFound, "a table that was asked for is not in the fixture or database"},
		{4, "connection-failed", isA[*loader.ConnectError], sayConnect, "the database cannot be opened, or refused the login"},
		{9, "fixture-invalid", isInvalid, sayInvalid, "manifest, lock file or .DAT malformed, or of a later format"},
		{6, "registry-unavailable", isUnavailable, sayUnavailable, "the registry cannot be reached, or keeps failing"},
		{12, "local-io", isLocal, sayLocal, "disk full, not writable, or locked"},
		{5, "load-failed", isFailed, sayFailed, "a load or create failed and was undone, or a known query was not as expected"},
		{1, "not-found", isNotFound, sayNotFound, "no such fixture, name, tag or digest"},
	}
}

// unclassified is for errors that nobody has thought of, which is a defect.
var unclassified = &Class{70, "internal", nil, sayInternal, ""}

// Classes are all there are, in the order in which they are tried.
func Classes() []*Class { return slices.Clone(classes) }

// isA matches errors of one type.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func isPanic(err error) bool { return isA[*parallel.PanicError](err) }

func isSignal(code int) func(error) bool {
	return func(err error) bool {
		s, ok := errors.AsType[*SignalError](err)
		return ok && 128+int(s.Signal) == code
	}
}

// isEnded matches what others have put an end to.
func isEnded(err error) bool { return isSignal(143)(err) || isA[*DeadlineError](err) }

func isUsage(err error) bool {
	if place, ok := errors.AsType[*cache.PlaceError](err); ok && place.Dir == "" {
		return true
	}
	return isA[*settings.UsageError](err) || isA[*discover.SettingError](err) || isA[*discover.AmbiguousError](err) ||
		isA[*registry.ReferenceError](err) || isA[*workspace.ArgumentError](err) || isA[*lfs.MessageError](err)
}

func isPinViolation(err error) bool {
	if pins, ok := errors.AsType[*workspace.NoPinsError](err); ok && pins.Frozen {
		return true
	}
	return isA[*workspace.UnpinnedError](err) || isA[*workspace.FrozenError](err) || isA[*workspace.MovedError](err)
}

func isOffline(err error) bool { return errors.Is(err, registry.ErrOffline) }

func isMismatch(err error) bool {
	return isA[*registry.MismatchError](err) || isA[*bundle.MismatchError](err) || isA[*bundle.MissingFileError](err) ||
		isA[*bundle.ChangedError](err) || isA[*cache.DamagedError](err)
}

func isUnauthorized(err error) bool {
	return errors.Is(err, registry.ErrUnauthorized) || isA[*registry.RealmError](err) || isA[*registry.CredentialError](err)
}

func isConflict(err error) bool {
	return isA[*loader.ConflictError](err) || isA[*bundle.OccupiedError](err) || isA[*registry.ClobberError](err) || isA[*loader.InUseError](err) || isA[*iris.NamespaceError](err) ||
		isA[*lfs.TwinsError](err)
}

func isInvalid(err error) bool {
	return isA[*bundle.InvalidError](err) || isA[*bundle.NewerError](err) || isA[*bundle.NotFixtureError](err) ||
		isA[*lockfile.Error](err) || isA[*registry.LayoutError](err) ||
		errors.Is(err, dat.ErrCorrupt) || errors.Is(err, dat.ErrForeign) || isA[*dat.NewerError](err) || isA[*dat.SchemaError](err) ||
		isA[*dat.ValueError](err) || isA[*dat.OrderError](err) || errors.Is(err, errdef.ErrSizeExceedsLimit) ||
		errors.Is(err, errdef.ErrUnsupported) || errors.Is(err, errdef.ErrInvalidDigest) || errors.Is(err, digest.ErrDigestUnsupported)
}

func isLocal(err error) bool {
	if isA[*loader.StorageError](err) || isA[*cache.PlaceError](err) || isA[*lfs.GitError](err) {
		return true
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return isA[*fs.PathError](err) || isA[*os.LinkError](err) || isA[*os.SyscallError](err) || isA[*net.OpError](err) ||
		isA[*server.InUseError](err) || isA[*server.NotRegistryError](err) || isA[*ClockError](err) || errors.Is(err, syscall.ENOSPC)
}

func isFailed(err error) bool { return isA[*loader.FailedError](err) || isA[*loader.SourceError](err) }

func isUnavailable(err error) bool {
	return errors.Is(err, registry.ErrUnavailable) || errors.Is(err, registry.ErrRefused)
}

func isNotFound(err error) bool {
	return isA[*bundle.NoManifestError](err) || isA[*workspace.NotFoundError](err) || isA[*workspace.NoPinsError](err) ||
		isA[*workspace.NoDirectoryError](err) || isA[*loader.NotLoadedError](err) ||
		isA[*lfs.NotRepositoryError](err) || isA[*lfs.AbsentError](err) || isA[*lfs.ShallowError](err) || isA[*lfs.NothingError](err) ||
		errors.Is(err, errdef.ErrNotFound) || errors.Is(err, fs.ErrNotExist)
}
