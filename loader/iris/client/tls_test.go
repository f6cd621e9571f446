package client_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// certificate makes a self-signed certificate for 127.0.0.1, and its PEM form.
func certificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "iris"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// secure serves over TLS from the first byte.
func secure(t *testing.T, steps ...step) (address string, ca []byte) {
	t.Helper()
	cert, ca := certificate(t)
	address = serve(t, func(c net.Conn) net.Conn {
		return tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}})
	}, steps...)
	return address, ca
}

// dial trusts an authority, those of the system if there is none, or everybody.
func dial(t *testing.T, address string, ca []byte, careless bool) (*client.Conn, error) {
	t.Helper()
	cfg := &tls.Config{InsecureSkipVerify: careless}
	if ca != nil {
		cfg.RootCAs = x509.NewCertPool()
		cfg.RootCAs.AppendCertsFromPEM(ca)
	}
	return client.Connect(t.Context(), client.Config{Address: address, Namespace: "USER", User: "_SYSTEM", Password: "SYS", TLS: cfg})
}

func TestTLSIsSpokenWithAServerThatIsTrusted(t *testing.T) {
	steps := []step{hello, welcome, ask(5, 0, wire.TC, nil, 0, nil)}
	address, ca := secure(t, steps...)
	trusting, err := dial(t, address, ca, false)
	if err != nil {
		t.Fatal(err)
	}
	defer trusting.Close()
	address, _ = secure(t, steps...)
	careless, err := dial(t, address, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	defer careless.Close()
	for _, c := range []*client.Conn{trusting, careless} {
		if err := c.Commit(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestTLSIsNotSpokenWithAServerThatIsNotTrusted(t *testing.T) {
	l := listenerTLS(t)
	_, err := dial(t, l.Addr().String(), nil, false)
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		t.Errorf("unknown authority: %v", err)
	}
	_, ca := certificate(t)
	_, err = dial(t, l.Addr().String(), ca, false)
	if !errors.As(err, &unknown) {
		t.Errorf("another authority: %v", err)
	}
}

func TestTLSChecksTheNameOfTheServer(t *testing.T) {
	l := listenerTLS(t)
	_, err := client.Connect(t.Context(), client.Config{Address: l.Addr().String(), TLS: &tls.Config{ServerName: "iris.example", RootCAs: l.pool}})
	var name x509.HostnameError
	if !errors.As(err, &name) {
		t.Errorf("got %v", err)
	}
}

// tlsListener shakes hands with everybody and says nothing.
type tlsListener struct {
	net.Listener
	pool *x509.CertPool
}

func listenerTLS(t *testing.T) tlsListener {
	t.Helper()
	cert, ca := certificate(t)
	l := listener(t)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}}).Handshake()
			c.Close()
		}
	}()
	return tlsListener{l, pool}
}

// A server that speaks no TLS, and one that speaks nothing else, are errors and not waits.
func TestTLSOnOneSideOnlyFails(t *testing.T) {
	plain := listener(t)
	go func() {
		c, err := plain.Accept()
		if err == nil {
			c.Write(hello.reply)
			c.Close()
		}
	}()
	_, err := dial(t, plain.Addr().String(), nil, true)
	var header tls.RecordHeaderError
	if !errors.As(err, &header) {
		t.Errorf("plain server: %v", err)
	}
	_, err = client.Connect(t.Context(), client.Config{Address: listenerTLS(t).Addr().String()})
	if !errors.Is(err, client.ErrLost) {
		t.Errorf("plain client: %v", err)
	}
}
