package explain

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/irisfix/irisfix/internal/parallel"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/discover"
	"github.com/irisfix/irisfix/registry"
	"github.com/irisfix/irisfix/registry/cache"
	"github.com/irisfix/irisfix/registry/server"
	"github.com/irisfix/irisfix/workspace"
)

// Words for what goes wrong on this machine and on the command line.

// plainly is an error in its own words, for what has no better ones.
func plainly(err error, in Invocation) Explanation {
	x := Explanation{Fix: []Step{{"Try again with more detail", in.verbosely()}}}
	subject, rest, found := strings.Cut(err.Error(), ": ")
	if !found {
		rest = subject
	}
	x.Subject, x.What = subject, []string{rest}
	return x
}

func sayUsage(err error, in Invocation) Explanation {
	x := Explanation{Subject: in.name(), What: []string{err.Error()}, Fix: []Step{{"See how it is used", in.help()}}}
	var reference *registry.ReferenceError
	var argument *workspace.ArgumentError
	var several *discover.AmbiguousError
	switch {
	case errors.As(err, &several):
		text, advice := Several(several)
		x.What, x.Fix = []string{text}, []Step{advice}
	case errors.As(err, &reference):
		x.Fix = append([]Step{{"A reference is REGISTRY/REPOSITORY:TAG, such as", "ghcr.io/acme/orders:1.0.0"}}, x.Fix...)
	case errors.As(err, &argument):
		x.What = []string{argument.Argument + ": " + argument.Reason}
	case isA[*cache.PlaceError](err):
		x.What = []string{"there is no place for a cache: neither HOME nor XDG_CACHE_HOME is set"}
		x.Fix = append(in.plus("Name one", "--cache-dir DIR"), Step{"Or for all commands", "export IRISFIX_CACHE_DIR=DIR"})
	}
	return x
}

// Several tells which servers of InterSystems IRIS were found where none was named, and how to name one.
func Several(e *discover.AmbiguousError) (what string, advice Step) {
	var list []string
	for _, f := range e.Found {
		list = append(list, net.JoinHostPort(f.Host, f.Port)+" from "+f.From)
	}
	url := "iris://" + net.JoinHostPort(e.Found[0].Host, e.Found[0].Port) + "/" + discover.DefaultNamespace
	return "no database is named, and several InterSystems IRIS run here: " + strings.Join(list, "; "),
		Step{"Name one by its URL, here or for all commands", "export IRISFIX_TARGET=" + url}
}

func sayInternal(err error, in Invocation) Explanation {
	x := Explanation{Subject: in.name(), What: []string{err.Error()}, Detail: map[string]any{"version": in.Version, "commit": in.Commit}, Fix: []Step{
		{"This is a defect in irisfix " + in.Version + "; please report it with what stands here", "https://github.com/irisfix/irisfix/issues"},
		{"More is said by", in.verbosely()}}}
	var panicked *parallel.PanicError
	if errors.As(err, &panicked) {
		x.What = []string{fmt.Sprintf("panic: %v", panicked.Value)}
		x.Detail["stack"] = string(panicked.Stack)
	}
	return x
}

// sayInterrupted tells what a signal, or the end of a test's time, has undone.
func sayInterrupted(err error, in Invocation) Explanation {
	undone := map[string]string{
		"create":         "nothing was written",
		"load":           "the load was rolled back: the database is as it was",
		"unload":         "it was rolled back: the database is as it was",
		"push":           "the tag was not set; files that the registry has already will not be sent again",
		"copy":           "the tag was not set; files that were copied already will not be sent again",
		"pull":           "what has arrived in full stays in the cache and will not be fetched again; no directory was left half made",
		"validate":       "nothing was changed",
		"lfs import":     "nothing was pinned; objects that the registry has already will not be sent again",
		"sandbox":        "the databases that it made were removed, but for those that were to be kept",
		"sandbox remove": "what was not removed yet is as it was",
		"demo":           "the registry of the demonstration was stopped and its files were removed",
	}[in.Command]
	if undone == "" {
		undone = "nothing was changed"
	}
	if isA[*DeadlineError](err) {
		return Explanation{Subject: in.name(), What: []string{"the time of the tests is up before the fixture is there", "what has arrived in full stays in the cache and will not be fetched again"}, Fix: []Step{{"Allow them more", in.line() + " -timeout 1h"}}}
	}
	s, _ := errors.AsType[*SignalError](err)
	return Explanation{Subject: in.name(), What: []string{"stopped by a signal: " + s.Error(), undone}, Fix: []Step{{"Run it again when you like", in.line()}},
		Detail: map[string]any{"signal": s.Error()}}
}

func sayLocal(err error, in Invocation) Explanation {
	x := sayFile(err, in)
	switch {
	case isA[*loader.StorageError](err) && errors.Is(err, syscall.ENOSPC):
		x.Fix = []Step{{"Make room; the cache may have some", "irisfix cache prune --keep-days 30"}, {"Or name a database on another disk", ""}}
	case isA[*loader.StorageError](err) && errors.Is(err, fs.ErrPermission):
		x.Fix = []Step{{"Give yourself the right to write there, or name another database", ""}}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		x.Fix = []Step{{"Make room; the cache may have some", "irisfix cache prune --keep-days 30"}, {"Or keep the cache elsewhere", "export IRISFIX_CACHE_DIR=DIR"}}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		x.Fix = []Step{{"Give yourself the right to write there, or name another place", ""}, {"If it is the cache", "export IRISFIX_CACHE_DIR=DIR"}}
	}
	return x
}

// sayFile finds out what an error is about.
func sayFile(err error, in Invocation) Explanation {
	var path *fs.PathError
	var link *os.LinkError
	var storage *loader.StorageError
	var failed *loader.FailedError
	var place *cache.PlaceError
	var inUse *server.InUseError
	var other *server.NotRegistryError
	var clock *ClockError
	var network *net.OpError
	again := []Step{{"Mend that, and try again", in.line()}}
	switch {
	case errors.As(err, &storage):
		x := Explanation{Subject: storage.Target, What: []string{storage.Reason, storage.Err.Error()}, Fix: again}
		if storage.Locked {
			x.Fix = []Step{{"Wait until the other process has finished, or end it, and try again", in.line()}}
		}
		if errors.As(err, &failed) {
			x.Subject = failed.Target
			x.What = append(x.What, rolledBack)
		}
		return x
	case errors.As(err, &place):
		return Explanation{Subject: phrase.Path(place.Dir), What: []string{"the cache cannot be there: " + place.Err.Error()}, Fix: []Step{
			{"Name another directory, with --cache-dir or IRISFIX_CACHE_DIR", ""}}, Detail: map[string]any{"path": place.Dir}}
	case errors.As(err, &inUse):
		return Explanation{Subject: phrase.Path(inUse.Dir), What: []string{"another irisfix serve uses the directory"}, Fix: []Step{
			{"Stop the other one, or name another directory", "irisfix serve --dir DIR"}}}
	case errors.As(err, &other):
		return Explanation{Subject: phrase.Path(other.Dir), What: []string{"the directory holds other things than a registry; nothing in it was touched"}, Fix: []Step{
			{"Name an empty directory, or one that does not exist", "irisfix serve --dir DIR"}}}
	case errors.As(err, &clock):
		return Explanation{Subject: "clock", What: []string{err.Error()}, Fix: []Step{
			{"Set the clock right; certificates and tokens are refused when it is wrong", "timedatectl set-ntp true"}}}
	case errors.As(err, &path):
		return Explanation{Subject: phrase.Path(path.Path), What: []string{path.Op + ": " + path.Err.Error()}, Fix: again, Detail: map[string]any{"path": path.Path}}
	case errors.As(err, &link):
		return Explanation{Subject: phrase.Path(link.New), What: []string{link.Op + ": " + link.Err.Error()}, Fix: again, Detail: map[string]any{"path": link.New}}
	case errors.As(err, &network):
		x := Explanation{Subject: "network", What: []string{network.Error()}, Fix: []Step{{"Name another address; port 0 takes a free one", "irisfix serve --addr 127.0.0.1:0"}}}
		if network.Addr != nil {
			x.Subject = network.Addr.String()
		}
		return x
	}
	x := plainly(err, in)
	x.Fix = again
	return x
}
