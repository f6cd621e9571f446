// Package settings finds what a process was not told by its caller: which database is meant, where the cache is, which
// credentials and certificates count. The command and the helpers for tests look in the same places, in the same order.
package settings

import (
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/irisfix/irisfix/registry"
)

// UsageError reports a flag, an argument or a variable of the environment that makes no sense.
type UsageError struct{ Reason string }

func (e *UsageError) Error() string { return e.Reason }

// Environment is what surrounds a process. It is safe for concurrent use.
type Environment struct {
	get func(string) string

	mu       sync.Mutex
	programs map[string]printed // what was asked of programs on this machine
}

// New returns the environment whose variables get reads; [os.Getenv] for those of the process.
func New(get func(string) string) *Environment {
	return &Environment{get: get, programs: map[string]printed{}}
}

// Switch reads a variable that is 1 or 0, or not set, which is off.
func (e *Environment) Switch(name string) (bool, error) {
	v := e.get(name)
	if v == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(v)
	if err != nil {
		return false, &UsageError{name + " is neither 1 nor 0: " + v}
	}
	return on, nil
}

// CacheDir is where the cache is: given, IRISFIX_CACHE_DIR, XDG_CACHE_HOME, or the platform's place. It is empty if there
// is none.
func (e *Environment) CacheDir(given string) string {
	switch {
	case given != "":
		return given
	case e.get("IRISFIX_CACHE_DIR") != "":
		return e.get("IRISFIX_CACHE_DIR")
	case e.get("XDG_CACHE_HOME") != "":
		return filepath.Join(e.get("XDG_CACHE_HOME"), "irisfix")
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "irisfix")
}

// Registry is how registries are spoken to, as far as the environment says: proxy, credentials, patience, and the
// authorities to trust, among them that of caFile, a PEM file, if it is not empty.
func (e *Environment) Registry(caFile string) (registry.Options, error) {
	o := registry.Options{Proxy: http.ProxyFromEnvironment}
	if v := e.get("IRISFIX_STALL_TIMEOUT"); v != "" {
		d, err := time.ParseDuration(v)
		if err != nil || d <= 0 {
			return o, &UsageError{"IRISFIX_STALL_TIMEOUT is not a duration such as 30s: " + v}
		}
		o.Stall = d
	}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return o, err
		}
		if o.RootCAs, err = x509.SystemCertPool(); err != nil {
			o.RootCAs = x509.NewCertPool()
		}
		if !o.RootCAs.AppendCertsFromPEM(pem) {
			return o, &UsageError{caFile + " holds no certificate"}
		}
	}
	c, err := e.Credentials()
	if err != nil {
		return o, err
	}
	o.Credential = c.Credential
	return o, nil
}

// Credentials are Docker's, and in a GitHub workflow those of the job for ghcr.io.
func (e *Environment) Credentials() (*registry.Credentials, error) {
	dir := e.get("DOCKER_CONFIG")
	if dir == "" {
		if home, err := os.UserHomeDir(); err == nil {
			dir = filepath.Join(home, ".docker")
		}
	}
	return registry.OpenCredentials(filepath.Join(dir, "config.json"), registry.GitHub{Token: e.get("GITHUB_TOKEN"), Actor: e.get("GITHUB_ACTOR")})
}
