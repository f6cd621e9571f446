package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/registry/server"
	"github.com/irisfix/irisfix/workspace"
)

// Words for what goes wrong on this machine and on the command line.

// shown is a path as short as it can be said.
func shown(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(short) {
		return short
	}
	return path
}

// plainly is an error in its own words, for what has no better ones.
func plainly(err error, in invocation) explanation {
	x := explanation{fix: []step{{"Try again with more detail", in.verbosely()}}}
	subject, rest, found := strings.Cut(err.Error(), ": ")
	if !found {
		rest = subject
	}
	x.subject, x.what = subject, []string{rest}
	return x
}

func sayUsage(err error, in invocation) explanation {
	subject := strings.TrimSpace("irisfix " + in.command)
	x := explanation{subject: subject, what: []string{err.Error()}, fix: []step{{"See how it is used", subject + " --help"}}}
	var reference *registry.ReferenceError
	var argument *workspace.ArgumentError
	switch {
	case errors.As(err, &reference):
		x.fix = append([]step{{"A reference is REGISTRY/REPOSITORY:TAG, such as", "ghcr.io/acme/orders:1.0.0"}}, x.fix...)
	case errors.As(err, &argument):
		x.what = []string{argument.Argument + ": " + argument.Reason}
	case isA[*cache.PlaceError](err):
		x.what = []string{"there is no place for a cache: neither HOME nor XDG_CACHE_HOME is set"}
		x.fix = []step{{"Name one", in.line() + " --cache-dir DIR"}, {"Or for all commands", "export IRISFIX_CACHE_DIR=DIR"}}
	}
	return x
}

func sayInternal(err error, in invocation) explanation {
	x := explanation{subject: strings.TrimSpace("irisfix " + in.command), what: []string{err.Error()}, detail: map[string]any{"version": version(), "commit": commit()}, fix: []step{
		{"This is a defect in irisfix " + version() + "; please report it with what stands here", "https://github.com/irisfix/irisfix/issues"},
		{"More is said by", in.verbosely()}}}
	var panicked *parallel.PanicError
	if errors.As(err, &panicked) {
		x.what = []string{fmt.Sprintf("panic: %v", panicked.Value)}
		x.detail["stack"] = string(panicked.Stack)
	}
	return x
}

// sayInterrupted tells what a signal has undone.
func sayInterrupted(err error, in invocation) explanation {
	s, _ := as[*signalError](err)
	undone := map[string]string{
		"create":   "nothing was written",
		"load":     "the load was rolled back: the database is as it was",
		"unload":   "it was rolled back: the database is as it was",
		"push":     "the tag was not set; files that the registry has already will not be sent again",
		"copy":     "the tag was not set; files that were copied already will not be sent again",
		"pull":     "what has arrived in full stays in the cache and will not be fetched again; no directory was left half made",
		"validate": "nothing was changed",
		"demo":     "the registry of the demonstration was stopped and its files were removed",
	}[in.command]
	if undone == "" {
		undone = "nothing was changed"
	}
	return explanation{subject: strings.TrimSpace("irisfix " + in.command), what: []string{"stopped by a signal: " + s.Error(), undone}, fix: []step{{"Run it again when you like", in.line()}},
		detail: map[string]any{"signal": s.Error()}}
}

func sayLocal(err error, in invocation) explanation {
	x := sayFile(err, in)
	switch {
	case isA[*loader.StorageError](err) && errors.Is(err, syscall.ENOSPC):
		x.fix = []step{{"Make room; the cache may have some", "irisfix cache prune --keep-days 30"}, {"Or name a database on another disk", ""}}
	case isA[*loader.StorageError](err) && errors.Is(err, fs.ErrPermission):
		x.fix = []step{{"Give yourself the right to write there, or name another database", ""}}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		x.fix = []step{{"Make room; the cache may have some", "irisfix cache prune --keep-days 30"}, {"Or keep the cache elsewhere", "export IRISFIX_CACHE_DIR=DIR"}}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		x.fix = []step{{"Give yourself the right to write there, or name another place", ""}, {"If it is the cache", "export IRISFIX_CACHE_DIR=DIR"}}
	}
	return x
}

// sayFile finds out what an error is about.
func sayFile(err error, in invocation) explanation {
	var path *fs.PathError
	var link *os.LinkError
	var storage *loader.StorageError
	var failed *loader.FailedError
	var place *cache.PlaceError
	var inUse *server.InUseError
	var other *server.NotRegistryError
	var clock *clockError
	var network *net.OpError
	again := []step{{"Mend that, and try again", in.line()}}
	switch {
	case errors.As(err, &storage):
		x := explanation{subject: storage.Target, what: []string{storage.Reason, storage.Err.Error()}, fix: again}
		if storage.Locked {
			x.fix = []step{{"Wait until the other process has finished, or end it, and try again", in.line()}}
		}
		if errors.As(err, &failed) {
			x.subject = failed.Target
			x.what = append(x.what, rolledBack)
		}
		return x
	case errors.As(err, &place):
		return explanation{subject: shown(place.Dir), what: []string{"the cache cannot be there: " + place.Err.Error()}, fix: []step{
			{"Name another directory, with --cache-dir or IRISFIX_CACHE_DIR", ""}}, detail: map[string]any{"path": place.Dir}}
	case errors.As(err, &inUse):
		return explanation{subject: shown(inUse.Dir), what: []string{"another irisfix serve uses the directory"}, fix: []step{
			{"Stop the other one, or name another directory", "irisfix serve --dir DIR"}}}
	case errors.As(err, &other):
		return explanation{subject: shown(other.Dir), what: []string{"the directory holds other things than a registry; nothing in it was touched"}, fix: []step{
			{"Name an empty directory, or one that does not exist", "irisfix serve --dir DIR"}}}
	case errors.As(err, &clock):
		return explanation{subject: "clock", what: []string{err.Error()}, fix: []step{
			{"Set the clock right; certificates and tokens are refused when it is wrong", "timedatectl set-ntp true"}}}
	case errors.As(err, &path):
		return explanation{subject: shown(path.Path), what: []string{path.Op + ": " + path.Err.Error()}, fix: again, detail: map[string]any{"path": path.Path}}
	case errors.As(err, &link):
		return explanation{subject: shown(link.New), what: []string{link.Op + ": " + link.Err.Error()}, fix: again, detail: map[string]any{"path": link.New}}
	case errors.As(err, &network):
		x := explanation{subject: "network", what: []string{network.Error()}, fix: []step{{"Name another address; port 0 takes a free one", "irisfix serve --addr 127.0.0.1:0"}}}
		if network.Addr != nil {
			x.subject = network.Addr.String()
		}
		return x
	}
	x := plainly(err, in)
	x.fix = again
	return x
}
