package registry_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/registry"
)

var (
	hexA    = strings.Repeat("a", 64)
	digestA = "sha256:" + hexA
)

func TestReferences(t *testing.T) {
	long := strings.Repeat("a", 128)
	tests := []struct {
		in   string
		want registry.Reference
	}{
		{"ghcr.io/acme/fixtures/rag:1.2.0", registry.Reference{Registry: "ghcr.io", Repository: "acme/fixtures/rag", Tag: "1.2.0"}},
		{"ghcr.io/acme/rag:1.2.0@" + digestA, registry.Reference{Registry: "ghcr.io", Repository: "acme/rag", Tag: "1.2.0", Digest: digest.Digest(digestA)}},
		{"localhost/x", registry.Reference{Registry: "localhost", Repository: "x"}},
		{"localhost:5000/x@" + digestA, registry.Reference{Registry: "localhost:5000", Repository: "x", Digest: digest.Digest(digestA)}},
		{"registry:5000/x:v", registry.Reference{Registry: "registry:5000", Repository: "x", Tag: "v"}},
		{"[::1]:5000/x/y:_v", registry.Reference{Registry: "[::1]:5000", Repository: "x/y", Tag: "_v"}},
		{"[2001:db8::1]/x", registry.Reference{Registry: "[2001:db8::1]", Repository: "x"}},
		{"127.0.0.1:5000/a-b__c.d--e/f_g:" + long, registry.Reference{Registry: "127.0.0.1:5000", Repository: "a-b__c.d--e/f_g", Tag: long}},
		{"Example.COM/x:V1", registry.Reference{Registry: "Example.COM", Repository: "x", Tag: "V1"}},
	}
	for _, tt := range tests {
		got, err := registry.ParseReference(tt.in)
		if err != nil || got != tt.want || got.String() != tt.in {
			t.Errorf("%s: got %+v, %q, %v", tt.in, got, got, err)
		}
	}
}

func TestWhatIsNoReferenceIsRefusedWithAReason(t *testing.T) {
	const (
		noRegistry = "no registry: it must be registry/repository[:tag][@sha256:…]"
		noRepo     = " is not a repository: lower-case letters, digits, separators"
	)
	tests := []struct{ in, want string }{
		{"", `"": ` + noRegistry},
		{"orders", `"orders": ` + noRegistry},
		{"orders:1", `"orders:1": ` + noRegistry},
		{"acme/orders:1", `"acme/orders:1": the registry "acme" has no dot and no colon and is not localhost`},
		{"/orders", `"/orders": the registry "" has no dot and no colon and is not localhost`},
		{"https://ghcr.io/acme/x:1", `"https://ghcr.io/acme/x:1": a reference has no scheme`},
		{"https://user:hunter2@ghcr.io/x:1", `"https://…@ghcr.io/x:1": a reference has no scheme`},
		{"https://user:hun/ter2@ghcr.io/x:1", `"https://…@ghcr.io/x:1": a reference has no scheme`},
		{"user:hunter2@ghcr.io", `"…@ghcr.io": a reference has no user information`},
		{"user:hun/ter2@ghcr.io", `"…@ghcr.io": a reference has no user information`},
		{"user:hunter2@ghcr.io/x:1", `"…@ghcr.io/x:1": a reference has no user information`},
		{"ghcr.io/Acme/x", `"ghcr.io/Acme/x": "Acme/x"` + noRepo},
		{"ghcr.io/", `"ghcr.io/": ""` + noRepo},
		{"ghcr.io//x", `"ghcr.io//x": "/x"` + noRepo},
		{"ghcr.io/a/../b", `"ghcr.io/a/../b": "a/../b"` + noRepo},
		{"ghcr.io/a___b", `"ghcr.io/a___b": "a___b"` + noRepo},
		{"ghcr.io/x?y", `"ghcr.io/x?y": "x?y"` + noRepo},
		{"ghcr.io/x:", `"ghcr.io/x:": "" is not a tag`},
		{"ghcr.io/x:a:b", `"ghcr.io/x:a:b": "a:b" is not a tag`},
		{"ghcr.io/x:.a", `"ghcr.io/x:.a": ".a" is not a tag`},
		{"ghcr.io/x@", `"ghcr.io/x@": "" is not sha256: and 64 hex digits`},
		{"ghcr.io/x@sha256:abc", `"ghcr.io/x@sha256:abc": "sha256:abc" is not sha256: and 64 hex digits`},
		{"ghcr.io/x@sha256:" + strings.ToUpper(hexA), `"ghcr.io/x@sha256:` + strings.ToUpper(hexA) + `": "sha256:` + strings.ToUpper(hexA) + `" is not sha256: and 64 hex digits`},
		{"ghcr.io/x@sha512:" + hexA + hexA, `"ghcr.io/x@sha512:` + hexA + hexA + `": "sha512:` + (hexA + hexA)[:93] + `" is not sha256: and 64 hex digits`},
		{"a..b/x", `"a..b/x": "a..b" is not host or host:port`},
		{"-a.b/x", `"-a.b/x": "-a.b" is not host or host:port`},
		{"a.b:0/x", `"a.b:0/x": "a.b:0" is not host or host:port`},
		{"a.b:70000/x", `"a.b:70000/x": "a.b:70000" is not host or host:port`},
		{"a.b:/x", `"a.b:/x": "a.b:" is not host or host:port`},
		{"::1/x", `"::1/x": "::1" is not host or host:port`},
		{"[::1%eth0]/x", `"[::1%eth0]/x": "[::1%eth0]" is not host or host:port`},
		{"[127.0.0.1]/x", `"[127.0.0.1]/x": "[127.0.0.1]" is not host or host:port`},
	}
	for _, tt := range tests {
		_, err := registry.ParseReference(tt.in)
		var e *registry.ReferenceError
		if !errors.As(err, &e) || err.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", err, tt.want)
		}
	}
	if _, err := registry.ParseReference("ghcr.io/" + strings.Repeat("a", 248)); err == nil {
		t.Error("256 bytes of name were accepted")
	}
	if _, err := registry.ParseReference("ghcr.io/" + strings.Repeat("a", 247)); err != nil {
		t.Error(err)
	}
}

func TestTagAndDigestAreSetApart(t *testing.T) {
	r := parse(t, "ghcr.io/acme/x:1@"+digestA)
	if got, err := r.WithTag("2"); err != nil || got.String() != "ghcr.io/acme/x:2@"+digestA {
		t.Errorf("%s %v", got, err)
	}
	if got := r.WithDigest(""); got.String() != "ghcr.io/acme/x:1" || got.Name() != "ghcr.io/acme/x" {
		t.Errorf("%s", got)
	}
	_, err := r.WithTag("a b")
	if err == nil || err.Error() != `"ghcr.io/acme/x": "a b" is not a tag` {
		t.Errorf("%v", err)
	}
}

func FuzzParseReference(f *testing.F) {
	for _, s := range []string{"ghcr.io/acme/x:1@" + digestA, "[::1]:5000/x", "localhost/x:y", "a.b:1/c/d__e@" + digestA, "u:p@h.i/x", "https://h/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := registry.ParseReference(s)
		if err != nil {
			var e *registry.ReferenceError
			if !errors.As(err, &e) || e.Reason == "" {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if r.String() != s || strings.ContainsAny(r.Repository, ":@ ") || strings.Contains(s, "..") {
			t.Errorf("%q became %+v", s, r)
		}
	})
}
