package client_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/client"
)

func fields(u client.URL) []string {
	return []string{u.Address, u.Namespace, u.User, u.Password, u.TLS, u.CAFile}
}

func TestURLsAreTakenApart(t *testing.T) {
	for s, want := range map[string]client.URL{
		"iris://h":                             {Address: "h:1972"},
		"iris://h/":                            {Address: "h:1972"},
		"IRIS://h:51773/USER":                  {Address: "h:51773", Namespace: "USER"},
		"iris://_SYSTEM:SYS@127.0.0.1/%25SYS":  {Address: "127.0.0.1:1972", User: "_SYSTEM", Password: "SYS", Namespace: "%SYS"},
		"iris://u@[::1]:1/N":                   {Address: "[::1]:1", User: "u", Namespace: "N"},
		"iris://u@[fe80::1%25eth0]/N":          {Address: "[fe80::1%eth0]:1972", User: "u", Namespace: "N"},
		"iris://%D1%8F:a%3Ab%2F%40%3F%23@h":    {Address: "h:1972", User: "я", Password: "a:b/@?#"},
		"iris://u:a:b@h":                       {Address: "h:1972", User: "u", Password: "a:b"},
		"iris://u:@h":                          {Address: "h:1972", User: "u"},
		"iris://h/N?tls=on":                    {Address: "h:1972", Namespace: "N", TLS: client.TLSOn},
		"iris://h?tls=skip-verify":             {Address: "h:1972", TLS: client.TLSSkipVerify},
		"iris://h/N?ca=%2Fetc%2Fca.pem&tls=on": {Address: "h:1972", Namespace: "N", TLS: client.TLSOn, CAFile: "/etc/ca.pem"},
	} {
		got, err := client.ParseURL(s)
		if err != nil || got != want {
			t.Errorf("%s:\n got %q, %v\nwant %q", s, fields(got), err, fields(want))
		}
	}
}

func TestWrongURLsSayWhichPartIsWrong(t *testing.T) {
	for s, want := range map[string]string{
		"":                                "iris url: scheme: not iris://",
		"sqlite:file":                     "iris url: scheme: not iris://",
		"jdbc:IRIS://h:1972/USER":         "iris url: scheme: not iris://",
		"iris://":                         "iris url: host: absent",
		"iris://u:p@":                     "iris url: host: absent",
		"iris://u:p@:1972/N":              "iris url: host: absent",
		"iris://h:0/N":                    "iris url: port: not a number from 1 to 65535",
		"iris://h:65536/N":                "iris url: port: not a number from 1 to 65535",
		"iris://h:/N":                     "iris url: port: not a number from 1 to 65535",
		"iris://h:x/N":                    "iris url: port: not a number from 1 to 65535",
		"iris://::1/N":                    "iris url: host: neither a name nor an address",
		"iris://[::1/N":                   "iris url: host: not an IPv6 address in brackets",
		"iris://[h]/N":                    "iris url: host: not an IPv6 address in brackets",
		"iris://h]/N":                     "iris url: host: neither a name nor an address",
		"iris://%68%zz/N":                 "iris url: host: not percent-encoded",
		"iris://u%:p@h/N":                 "iris url: user: not percent-encoded",
		"iris://u:p%@h/N":                 "iris url: password: not percent-encoded",
		"iris://u:p/x@h/N":                "iris url: user: holds a reserved character that is not percent-encoded",
		"iris://u:p?x@h/N":                "iris url: user: holds a reserved character that is not percent-encoded",
		"iris://u:p#x@h/N":                "iris url: fragment: not allowed",
		"iris://h/%SYS":                   "iris url: namespace: not percent-encoded",
		"iris://h/N/":                     "iris url: namespace: holds a slash",
		"iris://h/N?tls=off":              "iris url: tls: neither on nor skip-verify",
		"iris://h/N?tls=":                 "iris url: tls: empty",
		"iris://h/N?tls":                  "iris url: tls: empty",
		"iris://h/N?tls=on&tls=on":        "iris url: tls: given twice",
		"iris://h/N?ca=f":                 "iris url: ca: given without tls=on",
		"iris://h/N?tls=skip-verify&ca=f": "iris url: ca: given without tls=on",
		"iris://h/N?timeout=3":            `iris url: query: unknown key "timeout"`,
		"iris://h/N?a=%zz":                "iris url: query: not key=value pairs, percent-encoded",
		"iris://h/N?a;b":                  "iris url: query: not key=value pairs, percent-encoded",
	} {
		_, err := client.ParseURL(s)
		var part *client.URLError
		if !errors.As(err, &part) || err.Error() != want {
			t.Errorf("%s: got %v, want %s", s, err, want)
		}
	}
}

func TestACertificateFileWithoutCertificatesIsRefused(t *testing.T) {
	_, err := client.URL{Address: "h:1", TLS: client.TLSOn, CAFile: "f"}.Config([]byte("nothing"))
	if want := "iris url: ca: holds no certificate"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAPasswordIsNeverShown(t *testing.T) {
	const s = "iris://u:s3cr3t@h/USER?ca=f&tls=on"
	u, err := client.ParseURL(s)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := client.URL{Address: u.Address, User: u.User, Password: u.Password, Namespace: u.Namespace}.Config(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := u.String(), "iris://u@h:1972/USER?ca=f&tls=on"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := cfg.String(), "iris://u@h:1972/USER"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, v := range []any{u, &u, cfg, &cfg} {
			if got := fmt.Sprintf(format, v); strings.Contains(got, "s3cr3t") {
				t.Errorf("%s of %T: %s", format, v, got)
			}
		}
	}
}

// A password may be cut anywhere by a character that should have been escaped; no part of it may be in the error.
func FuzzPasswordsStaySecret(f *testing.F) {
	for _, special := range []string{":", "/", "?", "#", "@", "%", "%zz", "[", "]", "&", "=", ";", "?a=", "//", " "} {
		f.Add(special)
	}
	f.Fuzz(func(t *testing.T, special string) {
		u, err := client.ParseURL("iris://user:XSECRETX" + special + "XSECRETX@host:1972/NS?tls=on")
		if err == nil {
			if strings.Contains(u.String(), "SECRET") && !strings.Contains(u.Address+u.User+u.Namespace, "SECRET") {
				t.Error(u.String())
			}
			return
		}
		if strings.Contains(err.Error(), "SECRET") {
			t.Error(err)
		}
	})
}

// What String says is read again as the same, but for the password.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"iris://u:p@h:1/N?tls=on&ca=f", "iris://[fe80::1%25e]/%25SYS", "iris://%40:%3A@h/%2F", "iris://h?tls=skip-verify"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := client.ParseURL(s)
		if err != nil {
			return
		}
		again, err := client.ParseURL(u.String())
		u.Password = ""
		if err != nil || again != u {
			t.Errorf("%q is %q, its text %s %q, %v", s, fields(u), u, fields(again), err)
		}
	})
}
