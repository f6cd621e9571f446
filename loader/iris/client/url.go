package client

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// DefaultPort is the port of a superserver where a URL names none.
const DefaultPort = 1972

// Values of TLS in a URL.
const (
	TLSOn         = "on"          // the server's certificate is verified
	TLSSkipVerify = "skip-verify" // encrypted, but with whoever answers
)

// URL is what a text of the form
//
//	iris://user[:password]@host[:port]/NAMESPACE[?tls=on|skip-verify&ca=FILE]
//
// says. Parts that are absent are empty; only the host must be there. User, password and namespace are
// percent-encoded in the text, so %SYS is written %25SYS.
type URL struct {
	Address   string // host and port, as for net.Dial
	Namespace string
	User      string
	Password  string
	TLS       string // "", TLSOn or TLSSkipVerify
	CAFile    string // PEM file of the authorities to trust; only with TLSOn; not read here
}

// URLError names the part of a URL that is wrong. It never holds the part itself, since a password with an unescaped
// character may be cut anywhere.
type URLError struct {
	Part   string // such as "port"
	Reason string
}

func (e *URLError) Error() string { return "iris url: " + e.Part + ": " + e.Reason }

// ParseURL takes an iris:// URL apart.
func ParseURL(s string) (URL, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !strings.EqualFold(scheme, "iris") {
		return URL{}, &URLError{"scheme", "not iris://"}
	}
	if strings.Contains(rest, "#") {
		return URL{}, &URLError{"fragment", "not allowed"}
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority, rest := rest[:end], rest[end:]
	if strings.Contains(rest, "@") {
		return URL{}, &URLError{"user", "holds a reserved character that is not percent-encoded"}
	}
	path, query, _ := strings.Cut(rest, "?")
	var u URL
	for _, parse := range []func() error{
		func() error { return u.parseAuthority(authority) },
		func() error { return u.parsePath(path) },
		func() error { return u.parseQuery(query) },
	} {
		if err := parse(); err != nil {
			return URL{}, err
		}
	}
	return u, nil
}

func (u *URL) parseAuthority(s string) error {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		user, password, _ := strings.Cut(s[:i], ":")
		var err error
		if u.User, err = unescape("user", user); err != nil {
			return err
		}
		if u.Password, err = unescape("password", password); err != nil {
			return err
		}
		s = s[i+1:]
	}
	host, port := s, strconv.Itoa(DefaultPort)
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		host, port = s[:i], s[i+1:]
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return &URLError{"port", "not a number from 1 to 65535"}
	}
	inner, bracketed := strings.CutPrefix(host, "[")
	if bracketed {
		if host, bracketed = strings.CutSuffix(inner, "]"); !bracketed || !strings.Contains(host, ":") {
			return &URLError{"host", "not an IPv6 address in brackets"}
		}
	}
	host, err := unescape("host", host)
	if err != nil {
		return err
	}
	if host == "" {
		return &URLError{"host", "absent"}
	}
	if strings.ContainsAny(host, "[]@ ") || !bracketed && strings.Contains(host, ":") {
		return &URLError{"host", "neither a name nor an address"}
	}
	u.Address = net.JoinHostPort(host, port)
	return nil
}

func (u *URL) parsePath(path string) (err error) {
	name := strings.TrimPrefix(path, "/")
	if strings.Contains(name, "/") {
		return &URLError{"namespace", "holds a slash"}
	}
	u.Namespace, err = unescape("namespace", name)
	return err
}

func (u *URL) parseQuery(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return &URLError{"query", "not key=value pairs, percent-encoded"}
	}
	for key, v := range values {
		switch {
		case key != "tls" && key != "ca":
			return &URLError{"query", "unknown key " + strconv.Quote(key)}
		case len(v) > 1:
			return &URLError{key, "given twice"}
		case v[0] == "":
			return &URLError{key, "empty"}
		}
	}
	u.TLS, u.CAFile = values.Get("tls"), values.Get("ca")
	if u.TLS != "" && u.TLS != TLSOn && u.TLS != TLSSkipVerify {
		return &URLError{"tls", "neither on nor skip-verify"}
	}
	if u.CAFile != "" && u.TLS != TLSOn {
		return &URLError{"ca", "given without tls=on"}
	}
	return nil
}

func unescape(part, s string) (string, error) {
	out, err := url.PathUnescape(s)
	if err != nil {
		return "", &URLError{part, "not percent-encoded"}
	}
	return out, nil
}

// String returns the URL without its password.
func (u URL) String() string {
	out := url.URL{Scheme: "iris", Host: u.Address, Path: "/" + u.Namespace, RawPath: "/" + url.PathEscape(u.Namespace)}
	if u.User != "" {
		out.User = url.User(u.User)
	}
	query := url.Values{}
	if u.TLS != "" {
		query.Set("tls", u.TLS)
	}
	if u.CAFile != "" {
		query.Set("ca", u.CAFile)
	}
	out.RawQuery = query.Encode()
	return out.String()
}

// GoString keeps the password out of %#v too.
func (u URL) GoString() string { return u.String() }

// Config returns what Connect needs. ca is the content of CAFile; without it the authorities of the system are
// trusted.
func (u URL) Config(ca []byte) (Config, error) {
	cfg := Config{Address: u.Address, Namespace: u.Namespace, User: u.User, Password: u.Password}
	if u.TLS == "" {
		return cfg, nil
	}
	cfg.TLS = &tls.Config{InsecureSkipVerify: u.TLS == TLSSkipVerify}
	if ca != nil {
		cfg.TLS.RootCAs = x509.NewCertPool()
		if !cfg.TLS.RootCAs.AppendCertsFromPEM(ca) {
			return Config{}, &URLError{"ca", "holds no certificate"}
		}
	}
	return cfg, nil
}
