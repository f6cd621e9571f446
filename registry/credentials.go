package registry

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
)

// ghcr is the registry that GitHub's own tokens are for.
const ghcr = "ghcr.io"

// GitHub is the token of a GitHub workflow and the name of who started it. It is used for ghcr.io only.
type GitHub struct{ Token, Actor string }

// Credentials finds credentials: first in Docker's configuration file and the helpers that it names, then, for
// ghcr.io, the GitHub token. It may be used by several goroutines.
type Credentials struct {
	path   string
	github GitHub
	store  atomic.Pointer[credentials.DynamicStore]
}

// OpenCredentials reads Docker's configuration file at path, which need not exist.
func OpenCredentials(path string, github GitHub) (*Credentials, error) {
	c := &Credentials{path: path, github: github}
	if err := c.reload(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Credentials) reload() error {
	store, err := credentials.NewStore(c.path, credentials.StoreOptions{AllowPlaintextPut: true})
	if err != nil {
		return &CredentialError{Source: c.path, Reason: "not a configuration file of Docker"}
	}
	c.store.Store(store)
	return nil
}

// Credential is for [Options].Credential.
func (c *Credentials) Credential(ctx context.Context, host string) (auth.Credential, error) {
	cred, _, err := c.Find(ctx, host)
	return cred, err
}

// Find returns the credential for a registry's host and says where it is from: a file, a helper, or "GitHub token".
// Both are empty if there is none. The error is a [*CredentialError].
func (c *Credentials) Find(ctx context.Context, host string) (auth.Credential, string, error) {
	source := c.source(host)
	cred, err := c.store.Load().Get(ctx, credentials.ServerAddressFromRegistry(host))
	if err == nil && cred != auth.EmptyCredential {
		return cred, source, nil
	}
	if host == ghcr && c.github.Token != "" {
		actor := c.github.Actor
		if actor == "" {
			actor = "x-access-token" // GitHub looks at the token alone, and wants some name
		}
		return auth.Credential{Username: actor, Password: c.github.Token}, "GitHub token", nil
	}
	if err != nil {
		// The text of the error is not passed on: for an entry that is not user:password it quotes the entry.
		reason := "the entry cannot be read"
		if source != c.path {
			reason = "the helper failed"
		}
		if ctx.Err() != nil {
			return auth.EmptyCredential, "", context.Cause(ctx)
		}
		return auth.EmptyCredential, "", &CredentialError{Host: host, Source: source, Reason: reason}
	}
	return auth.EmptyCredential, "", nil
}

// source tells where the entry for a host is or would be.
func (c *Credentials) source(host string) string {
	var config struct {
		Store   string            `json:"credsStore"`
		Helpers map[string]string `json:"credHelpers"`
	}
	data, err := os.ReadFile(c.path)
	if err != nil || json.Unmarshal(data, &config) != nil {
		return c.path
	}
	helper := config.Helpers[credentials.ServerAddressFromRegistry(host)]
	if helper == "" {
		helper = config.Store
	}
	if helper == "" {
		return c.path
	}
	return "docker-credential-" + helper
}

// Logout removes the credential for a registry. That there is none is no error.
func (c *Credentials) Logout(ctx context.Context, host string) error {
	if err := checkHost(host); err != nil {
		return err
	}
	cred, source, err := c.Find(ctx, host)
	if err != nil || cred == auth.EmptyCredential {
		return err
	}
	if err := c.store.Load().Delete(ctx, credentials.ServerAddressFromRegistry(host)); err != nil {
		return storing(host, source, err)
	}
	return nil
}

// Login checks a credential with the registry and then keeps it where Docker would; the result says where. A registry
// that lets everybody in takes any.
func (c *Client) Login(ctx context.Context, to *Credentials, host string, cred auth.Credential) (source string, err error) {
	if err := checkHost(host); err != nil {
		return "", err
	}
	login := newAuth(c.wire, func(context.Context, string) (auth.Credential, error) { return cred, nil })
	if _, err := c.Ping(context.WithValue(ctx, authKey{}, login), host); err != nil {
		return "", err
	}
	// Where Docker's configuration names no helper yet, one that the system has is better than the file.
	store, err := credentials.NewStore(to.path, credentials.StoreOptions{AllowPlaintextPut: true, DetectDefaultNativeStore: true})
	if err == nil {
		err = store.Put(ctx, credentials.ServerAddressFromRegistry(host), cred)
	}
	if err != nil {
		return "", storing(host, to.source(host), err)
	}
	return to.source(host), to.reload()
}

// Ping asks a registry for nothing, with whatever credential there is for it, and returns the time of its clock, zero if
// it does not tell; distribution-spec, "Determining Support".
func (c *Client) Ping(ctx context.Context, host string) (date time.Time, err error) {
	if err := checkHost(host); err != nil {
		return date, err
	}
	err = c.retry(ctx, Event{Reference: host}, func() error {
		resp, err := c.do(ctx, &request{method: "GET", ref: Reference{Registry: host}})
		if err != nil {
			return err
		}
		date, _ = http.ParseTime(resp.Header.Get("Date"))
		return resp.Body.Close()
	}, nil)
	return date, err
}

// storing makes an error of a failure to keep or remove a credential, whose text may hold it.
func storing(host, source string, err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path
	case errors.As(err, &link):
		return link
	case errors.Is(err, credentials.ErrBadCredentialFormat):
		return &CredentialError{Host: host, Source: source, Reason: "a user name with a colon cannot be kept"}
	}
	return &CredentialError{Host: host, Source: source, Reason: "it could not be changed there"}
}

// checkHost wants a registry's host as it stands in a reference.
func checkHost(host string) error {
	if _, err := ParseReference(host + "/x@" + digest.FromString("").String()); err != nil || strings.Contains(host, "/") {
		return &ReferenceError{Reference: redact(host), Reason: "not the host of a registry"}
	}
	return nil
}
