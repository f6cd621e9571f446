package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irisfix/irisfix/registry/server"
)

// world is the internet that scripts see: a proxy behind which every https host exists. A host is a registry of its
// own, or behaves badly in the way that its name says. Messages and examples can so name ghcr.io and be run.
type world struct {
	t           *testing.T
	dir         string
	proxy       string // URL
	certificate string // file of the authority that signs for every host
	requests    atomic.Int64

	mu    sync.Mutex
	hosts map[string]http.Handler
	key   *ecdsa.PrivateKey
	ca    *x509.Certificate
	conns chan net.Conn
}

func newWorld(t *testing.T, dir string) *world {
	w := &world{t: t, dir: dir, hosts: map[string]http.Handler{}, conns: make(chan net.Conn)}
	w.sign()
	ctx, cancel := context.WithCancel(context.Background())
	inside := &http.Server{
		Handler: w, TLSConfig: &tls.Config{GetCertificate: w.certificateFor}, ErrorLog: log.New(io.Discard, "", 0),
	}
	go inside.ServeTLS(&channelListener{w.conns, ctx}, "", "")
	outside := httptest.NewServer(http.HandlerFunc(w.connect))
	w.proxy = outside.URL
	t.Cleanup(func() {
		cancel()
		inside.Close()
		outside.CloseClientConnections()
		outside.Close()
	})
	return w
}

// connect is the proxy: RFC 9110, section 9.3.6.
func (w *world) connect(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(rw, "this proxy is for https", http.StatusBadRequest)
		return
	}
	conn, _, err := rw.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	w.conns <- conn
}

// channelListener listens to what the proxy lets in.
type channelListener struct {
	conns chan net.Conn
	ctx   context.Context
}

func (l *channelListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.ctx.Done():
		return nil, net.ErrClosed
	}
}
func (l *channelListener) Close() error   { return nil }
func (l *channelListener) Addr() net.Addr { return &net.TCPAddr{} }

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.requests.Add(1)
	w.host(r.Host).ServeHTTP(rw, r)
}

// host finds or makes what answers for a host.
func (w *world) host(name string) http.Handler {
	w.mu.Lock()
	defer w.mu.Unlock()
	if h, ok := w.hosts[name]; ok {
		return h
	}
	if make, ok := badHosts[name]; ok {
		w.hosts[name] = make(w)
	} else {
		w.hosts[name] = w.registry(name)
	}
	return w.hosts[name]
}

// registry is a good one.
func (w *world) registry(name string) http.Handler {
	s, err := server.New(context.Background(), filepath.Join(w.dir, ".world", strings.ReplaceAll(name, ":", "_")))
	if err != nil {
		panic(err)
	}
	w.t.Cleanup(func() { s.Close() })
	return s
}

func (w *world) sign() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	w.key = key
	w.ca = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the world of a test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, w.ca, w.ca, &key.PublicKey, key)
	if err != nil {
		w.t.Fatal(err)
	}
	w.certificate = filepath.Join(w.dir, ".world.pem")
	if err := os.WriteFile(w.certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) certificateFor(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{hello.ServerName}, NotBefore: w.ca.NotBefore, NotAfter: w.ca.NotAfter}
	der, err := x509.CreateCertificate(rand.Reader, leaf, w.ca, &w.key.PublicKey, w.key)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: w.key}, err
}
