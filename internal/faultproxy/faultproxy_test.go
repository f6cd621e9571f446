package faultproxy_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/internal/faultproxy"
)

// alphabet serves 26 letters a thousand times, and says how many bytes it was given.
var letters = strings.Repeat("abcdefghijklmnopqrstuvwxyz", 1000)

var alphabet = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		n, err := io.Copy(io.Discard, r.Body)
		taken <- n
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
		return
	}
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(letters))
})

var taken = make(chan int64, 1)

// The tests of transfers mean nothing unless each fault is what it says.
func TestEachFaultIsWhatItSays(t *testing.T) {
	flipped := []byte(letters)
	flipped[10_000] ^= 1
	for name, tt := range map[string]struct {
		fault  faultproxy.Fault
		status int
		body   string
		cut    bool
	}{
		"none":          {nil, 206, letters[26:], false},
		"cut":           {faultproxy.CutAfter(9000), 206, letters[26:9026], true},
		"cut at once":   {faultproxy.CutAfter(0), 206, "", true},
		"flip":          {faultproxy.Flip(10_000 - 26), 206, string(flipped[26:]), false},
		"slow":          {faultproxy.Slow(1 << 30), 206, letters[26:], false},
		"no ranges":     {faultproxy.NoRanges(), 200, letters, false},
		"another range": {faultproxy.RangeInstead(2, 5), 206, "cde", false},
		"status":        {faultproxy.Status(203), 203, letters[26:], false},
		"answer":        {faultproxy.Answer(503, "no", "Retry-After", "7"), 503, "no", false},
		"two":           {faultproxy.All(faultproxy.CutAfter(2), faultproxy.Flip(0)), 206, "`b", true},
	} {
		for proto, o := range map[string]faultproxy.Options{"HTTP/1.1": {}, "HTTP/2": {HTTP2: true}} {
			t.Run(name+" "+proto, func(t *testing.T) {
				p := faultproxy.New(t, alphabet, o)
				p.Play(func(*http.Request, int) faultproxy.Fault { return tt.fault })
				req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+"/x", nil)
				req.Header.Set("Range", "bytes=26-25999")
				resp, err := p.Client().Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				body, err := io.ReadAll(resp.Body)
				if resp.StatusCode != tt.status || string(body) != tt.body || (err != nil) != tt.cut {
					t.Errorf("%d, %d bytes, %v", resp.StatusCode, len(body), err)
				}
				if n := p.Count("/x"); n.Requests != 1 || n.Bytes != int64(len(tt.body)) || p.Sent("x") != n.Bytes {
					t.Errorf("%+v", n)
				}
			})
		}
	}
}

func TestUploadsAreCutAndAnswersLost(t *testing.T) {
	p := faultproxy.New(t, alphabet, faultproxy.Options{})
	for name, tt := range map[string]struct {
		fault faultproxy.Fault
		taken int64
	}{
		"cut":  {faultproxy.CutUpload(5000), 5000},
		"lost": {faultproxy.LoseAnswer(), int64(len(letters))},
	} {
		p.Play(faultproxy.On("PUT /", 1, tt.fault))
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, p.URL+"/x", bytes.NewReader([]byte(letters)))
		if resp, err := p.Client().Do(req); err == nil {
			t.Errorf("%s: answered %d", name, resp.StatusCode)
		}
		if n := <-taken; n != tt.taken {
			t.Errorf("%s: the server took %d bytes", name, n)
		}
	}
}

func TestAConnectionEndsInTheMiddleOfARecord(t *testing.T) {
	p := faultproxy.New(t, alphabet, faultproxy.Options{TLS: true, CutWire: func(int) int64 { return 15_000 }})
	resp, err := p.Client().Get(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(body) == 0 || len(body) >= len(letters) {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}

func TestAnAddressExpires(t *testing.T) {
	storage := faultproxy.NewStorage(t, alphabet, 1, 0, faultproxy.Options{})
	p := faultproxy.New(t, alphabet, faultproxy.Options{})
	p.Play(faultproxy.On("GET /", 0, storage.Redirect()))
	var where string
	for _, want := range []int{200, 200} { // a new address each time
		resp, err := p.Client().Get(p.URL + "/x")
		if err != nil || resp.StatusCode != want {
			t.Fatal(resp, err)
		}
		resp.Body.Close()
		where = resp.Request.URL.String()
	}
	resp, err := p.Client().Get(where)
	if err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("the same address again: %v %v", resp, err)
	}
	resp.Body.Close()
}
