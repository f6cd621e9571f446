// Command proxy stands between a client and a registry on loopback: it counts the requests and can hold each of them
// back for a while, as a distance would, or let only so many bytes of all answers together through in a second, as a
// narrow line would. It prints its address, and serves the count at /-/requests.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"
)

// connections are kept to the registry, so that the proxy does not run out of ports under many small requests.
const connections = 256

func main() {
	to := flag.String("to", "", "URL of the registry")
	delay := flag.Duration("delay", 0, "how long each request is held back")
	rate := flag.Int64("rate", 0, "bytes a second, of all answers together; 0: any number")
	flag.Parse()
	target, err := url.Parse(*to)
	if err != nil || target.Host == "" {
		log.Fatalf("-to %q is not a URL", *to)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, between(target, *delay, *rate)))
}

func between(target *url.URL, delay time.Duration, rate int64) http.Handler {
	var requests atomic.Int64
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // the registry builds its Location headers from it
		},
		ModifyResponse: narrow(rate),
		Transport:      &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /-/requests", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, requests.Load()) })
	mux.HandleFunc("/v2/", func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
			return
		}
		forward.ServeHTTP(w, r)
	})
	return mux
}
