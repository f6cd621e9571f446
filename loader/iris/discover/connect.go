package discover

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"path/filepath"

	"github.com/irisfix/irisfix/loader/iris/client"
)

// ErrNoCertificate reports a CA file that holds no certificate.
var ErrNoCertificate = errors.New("no certificate in the file of authorities")

// Config returns what [client.Connect] needs. ca is the content of the file that CA names; without it the authorities of
// the system are trusted.
func (s *Server) Config(ca []byte) (client.Config, error) {
	cfg := s.withoutTLS()
	if s.TLS.Text == "off" {
		return cfg, nil
	}
	cfg.TLS = &tls.Config{InsecureSkipVerify: s.TLS.Text == "skip-verify"}
	if ca != nil {
		cfg.TLS.RootCAs = x509.NewCertPool()
		if !cfg.TLS.RootCAs.AppendCertsFromPEM(ca) {
			return client.Config{}, ErrNoCertificate
		}
	}
	return cfg, nil
}

// URL names the server on a command line that is typed elsewhere: all but the password.
func (s *Server) URL() (string, error) {
	query := url.Values{}
	if s.TLS.Text != "off" {
		query.Set("tls", s.TLS.Text)
	}
	if s.CA.Text != "" {
		ca, err := filepath.Abs(s.CA.Text)
		if err != nil {
			return "", err
		}
		query.Set("ca", ca)
	}
	text := s.withoutTLS().String()
	if len(query) > 0 {
		text += "?" + query.Encode()
	}
	return text, nil
}

func (s *Server) withoutTLS() client.Config {
	return client.Config{
		Address: net.JoinHostPort(s.Host.Text, s.Port.Text), Namespace: s.Namespace.Text, User: s.User.Text, Password: string(s.Password),
	}
}
