package iristest

import "testing"

// New starts a server that ends with the test: connections that are left are cut, and no goroutine remains. Options are
// set by functions:
//
//	srv := iristest.New(t, func(o *iristest.Options) { o.PageRows = 2 })
func New(t testing.TB, set ...func(*Options)) *Server {
	t.Helper()
	var o Options
	for _, f := range set {
		f(&o)
	}
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
