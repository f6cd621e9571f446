package registry_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/irisfix/irisfix/registry"
)

func dockerConfig(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".docker", "config.json")
	if content != "" {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func credentialsOf(t *testing.T, path string, github registry.GitHub) *registry.Credentials {
	t.Helper()
	c, err := registry.OpenCredentials(path, github)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func encoded(userPassword string) string {
	return base64.StdEncoding.EncodeToString([]byte(userPassword))
}

// helper puts a credential helper of this name on the PATH.
func helper(t *testing.T, name, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the helper is a shell script")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "docker-credential-"+name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestCredentialsAreFoundInOrderAndSayWhereFrom(t *testing.T) {
	helper(t, "vault", `read host; test "$host" = h.example && echo '{"Username":"v","Secret":"vault-secret"}' || { echo "credentials not found in native keychain"; exit 1; }`)
	path := dockerConfig(t, `{"auths":{"ghcr.io":{"auth":"`+encoded("me:pw")+`"},"https://index.docker.io/v1/":{"auth":"`+encoded("hub:pw2")+`"},
		"https://legacy.example/v1/":{"auth":"`+encoded("l:pw3")+`"},"token.example":{"identitytoken":"id"}},"credHelpers":{"h.example":"vault"}}`)
	withGitHub := registry.GitHub{Token: "gh-token", Actor: "octocat"}
	none := dockerConfig(t, "")
	onlyHelper := dockerConfig(t, `{"credsStore":"vault"}`)
	for _, tt := range []struct {
		config string
		github registry.GitHub
		host   string
		want   auth.Credential
		source string
	}{
		{path, withGitHub, "ghcr.io", auth.Credential{Username: "me", Password: "pw"}, path},
		{none, withGitHub, "ghcr.io", auth.Credential{Username: "octocat", Password: "gh-token"}, "GitHub token"},
		{none, registry.GitHub{Token: "gh-token"}, "ghcr.io", auth.Credential{Username: "x-access-token", Password: "gh-token"}, "GitHub token"},
		{onlyHelper, withGitHub, "ghcr.io", auth.Credential{Username: "octocat", Password: "gh-token"}, "GitHub token"},
		{none, withGitHub, "evil-ghcr.io", auth.EmptyCredential, ""},
		{none, withGitHub, "ghcr.io.evil.example", auth.EmptyCredential, ""},
		{none, withGitHub, "docker.io", auth.EmptyCredential, ""},
		{none, registry.GitHub{Actor: "octocat"}, "ghcr.io", auth.EmptyCredential, ""},
		{path, withGitHub, "docker.io", auth.Credential{Username: "hub", Password: "pw2"}, path},
		{path, withGitHub, "registry-1.docker.io", auth.Credential{Username: "hub", Password: "pw2"}, path},
		{path, withGitHub, "legacy.example", auth.Credential{Username: "l", Password: "pw3"}, path},
		{path, withGitHub, "token.example", auth.Credential{RefreshToken: "id"}, path},
		{path, withGitHub, "h.example", auth.Credential{Username: "v", Password: "vault-secret"}, "docker-credential-vault"},
		{path, withGitHub, "unknown.example", auth.EmptyCredential, ""},
	} {
		got, source, err := credentialsOf(t, tt.config, tt.github).Find(t.Context(), tt.host)
		if err != nil || got != tt.want || source != tt.source {
			t.Errorf("%s: %+v from %q, %v", tt.host, got, source, err)
		}
	}
}

func TestBrokenCredentialsAreToldWithoutTheSecret(t *testing.T) {
	helper(t, "broken", `echo "secret `+canary+`"; exit 1`)
	// For an entry without a colon oras-go's own error quotes the decoded entry.
	path := dockerConfig(t, `{"auths":{"a.example":{"auth":"`+encoded(canary)+`"},"b.example":{"auth":"%%%`+canary+`"},"c.example":{"auth":1234567890}},"credHelpers":{"h.example":"broken","m.example":"missing-`+"x"+`"}}`)
	c := credentialsOf(t, path, registry.GitHub{})
	for host, want := range map[string]string{
		"a.example": path + ": the entry cannot be read",
		"b.example": path + ": the entry cannot be read",
		"c.example": path + ": the entry cannot be read",
		"h.example": "docker-credential-broken: the helper failed",
		"m.example": "docker-credential-missing-x: the helper failed",
	} {
		_, _, err := c.Find(t.Context(), host)
		failsWith(t, err, registry.ErrUnauthorized, host+": credential from "+want)
		noCanary(t, err, &recorder{})
	}
	_, err := registry.OpenCredentials(dockerConfig(t, `{"auths": "`+canary+`"`), registry.GitHub{})
	if err == nil || !strings.HasSuffix(err.Error(), "not a configuration file of Docker") {
		t.Errorf("got %v", err)
	}
	noCanary(t, err, &recorder{})
	t.Run("and reach the caller of the registry", func(t *testing.T) {
		s := newServer(t)
		s.on(basic(canary))
		path := dockerConfig(t, `{"auths":{"`+s.host()+`":{"auth":"`+encoded(canary)+`"}}}`)
		client, events := newClient(t, registry.Options{Credential: credentialsOf(t, path, registry.GitHub{}).Credential})
		_, err := client.Resolve(t.Context(), s.ref(t, "x:1"))
		failsWith(t, err, registry.ErrUnauthorized, s.host()+": credential from "+path+": the entry cannot be read")
		noCanary(t, err, events)
	})
}

func TestLoginChecksKeepsAndLogoutRemoves(t *testing.T) {
	s, b := newServer(t), newBundle(t, "one")
	b.push(t, s.ref(t, "x:1"))
	s.on(basic(canary))
	path := dockerConfig(t, "")
	creds := credentialsOf(t, path, registry.GitHub{})
	c, events := newClient(t, registry.Options{Credential: creds.Credential})
	source, err := c.Login(t.Context(), creds, s.host(), auth.Credential{Username: "user", Password: "wr0ng"})
	if source != "" {
		t.Errorf("kept in %q", source)
	}
	failsWith(t, err, registry.ErrUnauthorized, s.host()+"/v2/: GET answered 401 Unauthorized: UNAUTHORIZED: because")
	if _, err := os.Stat(path); err == nil {
		t.Error("a wrong password was kept")
	}
	if source, err := c.Login(t.Context(), creds, s.host(), auth.Credential{Username: "user", Password: canary}); err != nil || source != path {
		t.Fatalf("%q %v", source, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if _, err := c.Resolve(t.Context(), s.ref(t, "x:1")); err != nil {
		t.Errorf("after login: %v", err)
	}
	if err := errors.Join(creds.Logout(t.Context(), s.host()), creds.Logout(t.Context(), s.host())); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || strings.Contains(string(data), s.host()) {
		t.Errorf("after logout: %s %v", data, err)
	}
	noCanary(t, nil, events)
	for _, host := range []string{"", "https://ghcr.io", "ghcr", "ghcr.io/acme", "user:" + canary + "@ghcr.io"} {
		_, err := c.Login(t.Context(), creds, host, auth.Credential{Username: "user", Password: canary})
		var e *registry.ReferenceError
		if !errors.As(err, &e) || !strings.HasSuffix(err.Error(), ": not the host of a registry") {
			t.Errorf("%q: %v", host, err)
		}
		noCanary(t, err, events)
	}
}

func TestLoginIntoAHelper(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept")
	helper(t, "safe", fmt.Sprintf(`case "$1" in store) cat > %[1]s;; erase) rm -f %[1]s;; get) test -f %[1]s && cat %[1]s || { echo "credentials not found in native keychain"; exit 1; };; esac`, kept))
	s := newServer(t)
	s.on(basic(canary))
	path := dockerConfig(t, `{"credsStore":"safe","other":{"kept":true}}`)
	creds := credentialsOf(t, path, registry.GitHub{})
	c, _ := newClient(t, registry.Options{})
	source, err := c.Login(t.Context(), creds, s.host(), auth.Credential{Username: "user", Password: canary})
	if err != nil || source != "docker-credential-safe" {
		t.Fatalf("%q %v", source, err)
	}
	if data, err := os.ReadFile(path); err != nil || strings.Contains(string(data), canary) || !strings.Contains(string(data), "kept") {
		t.Errorf("%s %v", data, err)
	}
	if got, _, err := creds.Find(t.Context(), s.host()); err != nil || got.Password != canary {
		t.Errorf("%+v %v", got, err)
	}
	if err := creds.Logout(t.Context(), s.host()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(kept); err == nil {
		t.Error("still kept")
	}
}

func TestWhatCannotBeKeptIsSaidWithoutTheSecret(t *testing.T) {
	s := newServer(t)
	c, events := newClient(t, registry.Options{})
	none := dockerConfig(t, "")
	blocked := filepath.Join(none, "config.json")
	if err := errors.Join(os.MkdirAll(filepath.Dir(none), 0o700), os.WriteFile(none, []byte("{}"), 0o600)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Login(t.Context(), credentialsOf(t, none, registry.GitHub{}), s.host(), auth.Credential{Username: "us:er", Password: canary})
	failsWith(t, err, registry.ErrUnauthorized, s.host()+": credential from "+none+": a user name with a colon cannot be kept")
	noCanary(t, err, events)

	helper(t, "full", `cat; exit 1`)
	full := dockerConfig(t, `{"credsStore":"full"}`)
	_, err = c.Login(t.Context(), credentialsOf(t, full, registry.GitHub{}), s.host(), auth.Credential{Username: "user", Password: canary})
	failsWith(t, err, registry.ErrUnauthorized, s.host()+": credential from docker-credential-full: it could not be changed there")
	noCanary(t, err, events)

	if _, err := registry.OpenCredentials(blocked, registry.GitHub{}); err == nil {
		t.Error("a file was taken for a directory")
	}
}
