package live

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// Prefix begins the names of all namespaces that are made here. One with such a name and irisfix's mark is nobody
// else's.
const Prefix = "IRISFIXLIVE"

// most is how many namespaces there can be at a time. The suite of targets needs two or three, the probes two.
const most = 12

// Server is a real server, reached in a namespace where nothing is done. It is safe for concurrent use; but two runs at a
// time on one server would take each other's namespaces for leftovers.
type Server struct {
	home client.Config

	mu    sync.Mutex
	taken [most]bool
}

// NewServer is the server that home leads to. The account must be allowed to make namespaces (%Admin_Manage).
func NewServer(home client.Config) *Server { return &Server{home: home} }

// FullError reports that every name for a namespace is in use, by this run or by what it may not drop.
type FullError struct{ Err error }

func (e *FullError) Error() string { return fmt.Sprintf("no name is free for a namespace: %v", e.Err) }
func (e *FullError) Unwrap() error { return e.Err }

// Make makes an empty namespace and says how to reach it. It takes the lowest free number, so that a run that was killed
// leaves only names which the next one uses or sweeps; what is found under such a name is dropped first.
func (s *Server) Make(ctx context.Context) (client.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var foreign error
	for i := range most {
		if s.taken[i] {
			continue
		}
		err := s.makeEmpty(ctx, name(i))
		var problem *iris.NamespaceError
		if errors.As(err, &problem) { // another's, or one that is still going
			foreign = errors.Join(foreign, err)
			continue
		}
		if err != nil {
			return client.Config{}, err
		}
		s.taken[i] = true
		return s.at(name(i)), nil
	}
	return client.Config{}, &FullError{foreign}
}

func name(i int) string { return fmt.Sprintf("%s%d", Prefix, i+1) }

func (s *Server) at(namespace string) client.Config {
	cfg := s.home
	cfg.Namespace = namespace
	return cfg
}

func (s *Server) makeEmpty(ctx context.Context, namespace string) error {
	made, err := iris.CreateNamespace(ctx, s.home, namespace)
	if err != nil || made {
		return err
	}
	if err := iris.DropNamespace(ctx, s.home, namespace); err != nil {
		return err
	}
	_, err = iris.CreateNamespace(ctx, s.home, namespace)
	return err
}

// Drop drops a namespace that [Server.Make] made. It waits for its sessions to end until the context does.
func (s *Server) Drop(ctx context.Context, cfg client.Config) error {
	err := iris.DropNamespace(ctx, s.home, cfg.Namespace)
	var problem *iris.NamespaceError
	if errors.As(err, &problem) && problem.Problem == iris.Absent {
		err = nil
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range most {
		s.taken[i] = s.taken[i] && name(i) != cfg.Namespace
	}
	return nil
}

// Sweep drops what an earlier run has left, and gives the names. Namespaces that irisfix did not mark stay.
func (s *Server) Sweep(ctx context.Context) (dropped []string, err error) {
	for i := range most {
		gone := iris.DropNamespace(ctx, s.home, name(i))
		var problem *iris.NamespaceError
		switch {
		case gone == nil:
			dropped = append(dropped, name(i))
		case errors.As(gone, &problem) && (problem.Problem == iris.Absent || problem.Problem == iris.Foreign):
		default:
			err = errors.Join(err, gone)
		}
	}
	return dropped, err
}

// codePrivilege is the SQLCODE for a right that is missing (RERR_sql).
const codePrivilege = -99

// MayNotMake says that the account has no right to make namespaces.
func MayNotMake(err error) bool {
	var refused *client.SQLError
	return errors.As(err, &refused) && refused.Code == codePrivilege
}
