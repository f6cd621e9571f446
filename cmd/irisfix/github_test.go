package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// ghcr ACTOR TOKEN [REPOSITORY]...: from now on ghcr.io wants tokens, as GitHub's does. It gives one to ACTOR with the password
// TOKEN, with which everything can be read and these repositories written.
func ghcr(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: ghcr ACTOR TOKEN [REPOSITORY]...")
	}
	w := ts.Value("world").(*world)
	next := w.host("ghcr.io")
	if g, ok := next.(*github); ok {
		next = g.next
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts["ghcr.io"] = &github{next, args[0], args[1], args[2:]}
}

// github is the registry of GitHub as far as rights go: the token scheme of the distribution project, and its words for
// a package that the job may not write.
type github struct {
	next         http.Handler
	actor, token string
	writable     []string
}

func (g *github) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		g.give(w, r)
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/v2/")
	repository := path
	for _, kind := range []string{"/manifests/", "/blobs/", "/tags/"} {
		repository, _, _ = strings.Cut(repository, kind)
	}
	actions, known := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "+g.token+" for ")
	write := r.Method != http.MethodGet && r.Method != http.MethodHead
	switch {
	case !known:
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:%s:pull"`, repository))
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
	case write && !strings.Contains(actions, "push"):
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:%s:pull,push",error="insufficient_scope"`, repository))
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
	case write && !slices.Contains(g.writable, repository):
		refuse(w, http.StatusForbidden, "DENIED", "permission_denied: write_package")
	default:
		g.next.ServeHTTP(w, r)
	}
}

// give answers who asks for a token.
func (g *github) give(w http.ResponseWriter, r *http.Request) {
	if user, password, ok := r.BasicAuth(); !ok || user != g.actor || password != g.token {
		refuse(w, http.StatusForbidden, "DENIED", "denied")
		return
	}
	json.NewEncoder(w).Encode(map[string]string{"token": g.token + " for " + strings.Join(r.URL.Query()["scope"], " ")})
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q}]}`, code, message)
}
