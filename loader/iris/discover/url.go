package discover

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// URL is a target as it is written: iris://user:password@host:1972/NAMESPACE?tls=on&ca=FILE. What is left out is empty.
type URL struct {
	Host, Port, Namespace, User string
	Password                    Secret
	TLS                         string // on or skip-verify
	CA                          string
}

// URLError reports what is wrong with a URL. It does not repeat it, for the password's sake.
type URLError struct{ Reason string }

func (e *URLError) Error() string { return "not an iris URL: " + e.Reason }

// ParseURL reads a URL. A namespace may be written as it is, %SYS, or with its percent sign escaped.
func ParseURL(s string) (URL, error) {
	rest, ok := strings.CutPrefix(s, "iris://")
	if !ok {
		return URL{}, &URLError{"it does not begin with iris://"}
	}
	if strings.ContainsAny(rest, "# \t\r\n") {
		return URL{}, &URLError{"it has a blank or a #, which are written %20 and %23"}
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	var u URL
	for _, part := range []func() error{
		func() error { return u.readAuthority(authority) },
		func() error { return u.readPath(path) },
		func() error { return u.readQuery(query) },
	} {
		if err := part(); err != nil {
			return URL{}, err
		}
	}
	return u, nil
}

func (u *URL) readAuthority(authority string) error {
	host := authority
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		host = authority[at+1:]
		user, password, _ := strings.Cut(authority[:at], ":")
		var err, perr error
		var secret string
		u.User, err = url.PathUnescape(user)
		secret, perr = url.PathUnescape(password)
		if err != nil || perr != nil || strings.ContainsAny(authority[:at], "@[]") {
			return &URLError{"a special character in user or password is not escaped: % is written %25, / is %2F, ? is %3F, @ is %40"}
		}
		u.Password = Secret(secret)
	}
	return u.readHost(host)
}

func (u *URL) readHost(host string) error {
	switch {
	case host == "":
		return nil
	case strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]"), !strings.Contains(host, ":"):
		u.Host = strings.Trim(host, "[]")
	default:
		var err error
		if u.Host, u.Port, err = net.SplitHostPort(host); err != nil || u.Port != "" && !validPort(u.Port) {
			return &URLError{"what follows the host is not a port"}
		}
	}
	if u.Host != "" && !validHost(u.Host) {
		return &URLError{"the host is none"}
	}
	return nil
}

func (u *URL) readPath(path string) error {
	namespace, err := url.PathUnescape(path)
	if err != nil {
		namespace = path // %SYS, as it is said everywhere
	}
	if strings.Contains(path, "/") {
		return &URLError{"there is more than a namespace behind the host"}
	}
	u.Namespace = namespace
	return nil
}

func (u *URL) readQuery(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return &URLError{"what follows the ? cannot be read"}
	}
	for name, list := range values {
		switch {
		case name != "tls" && name != "ca":
			return &URLError{"it has a parameter besides tls and ca"}
		case len(list) != 1 || list[0] == "":
			return &URLError{"its parameter " + name + " has no value, or several"}
		}
	}
	u.TLS, u.CA = values.Get("tls"), values.Get("ca")
	switch {
	case u.TLS != "" && u.TLS != "on" && u.TLS != "skip-verify":
		return &URLError{"tls is on or skip-verify"}
	case u.CA != "" && u.TLS != "on":
		return &URLError{"ca is for tls=on"}
	}
	return nil
}

func validPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0'
}

// hostName is a name that a resolver can be asked for. Names beyond ASCII are written in their xn-- form.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$`)

func validHost(s string) bool {
	addr, err := netip.ParseAddr(s)
	return hostName.MatchString(s) || err == nil && addr.Zone() == ""
}
