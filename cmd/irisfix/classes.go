package main

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/registry/lockfile"
	"github.com/irisfix/irisfix/registry/server"
	"github.com/irisfix/irisfix/workspace"
)

// What errors belong to which class. A class is chosen by type or sentinel, never by text.

type (
	rollbackError      = loader.RollbackError
	tableNotFoundError = loader.TableNotFoundError
	connectError       = loader.ConnectError
)

// isA matches errors of one type.
func isA[E error](err error) bool {
	_, ok := as[E](err)
	return ok
}

// as finds an error of a type in a chain.
func as[E error](err error) (E, bool) {
	var e E
	ok := errors.As(err, &e)
	return e, ok
}

func isPanic(err error) bool { return isA[*parallel.PanicError](err) }

func isSignal(code int) func(error) bool {
	return func(err error) bool {
		s, ok := as[*signalError](err)
		return ok && 128+int(s.signal) == code
	}
}

func isUsage(err error) bool {
	if place, ok := as[*cache.PlaceError](err); ok && place.Dir == "" {
		return true
	}
	return isA[*usageError](err) || isA[*severalError](err) || isA[*registry.ReferenceError](err) || isA[*workspace.ArgumentError](err)
}

func isPinViolation(err error) bool {
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
	return isA[*loader.ConflictError](err) || isA[*bundle.OccupiedError](err) || isA[*registry.ClobberError](err) || isA[*loader.InUseError](err) || isA[*iris.NamespaceError](err)
}

func isInvalid(err error) bool {
	return isA[*bundle.InvalidError](err) || isA[*bundle.NewerError](err) || isA[*bundle.NotFixtureError](err) ||
		isA[*lockfile.Error](err) || isA[*registry.LayoutError](err) ||
		errors.Is(err, dat.ErrCorrupt) || errors.Is(err, dat.ErrForeign) || isA[*dat.NewerError](err) || isA[*dat.SchemaError](err) ||
		isA[*dat.ValueError](err) || isA[*dat.OrderError](err) || errors.Is(err, errdef.ErrSizeExceedsLimit) ||
		errors.Is(err, errdef.ErrUnsupported) || errors.Is(err, errdef.ErrInvalidDigest) || errors.Is(err, digest.ErrDigestUnsupported)
}

func isLocal(err error) bool {
	if isA[*loader.StorageError](err) || isA[*cache.PlaceError](err) {
		return true
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return isA[*fs.PathError](err) || isA[*os.LinkError](err) || isA[*os.SyscallError](err) || isA[*net.OpError](err) ||
		isA[*server.InUseError](err) || isA[*server.NotRegistryError](err) || isA[*clockError](err) || errors.Is(err, syscall.ENOSPC)
}

func isFailed(err error) bool { return isA[*loader.FailedError](err) || isA[*loader.SourceError](err) }

func isUnavailable(err error) bool {
	return errors.Is(err, registry.ErrUnavailable) || errors.Is(err, registry.ErrRefused)
}

func isNotFound(err error) bool {
	return isA[*bundle.NoManifestError](err) || isA[*workspace.NotFoundError](err) || isA[*workspace.NoPinsError](err) ||
		isA[*workspace.NoDirectoryError](err) || isA[*loader.NotLoadedError](err) || errors.Is(err, errdef.ErrNotFound) || errors.Is(err, fs.ErrNotExist)
}
