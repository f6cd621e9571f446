package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/rogpeppe/go-internal/testscript"
)

// artifact KIND HOST/REPOSITORY:TAG: puts something into a registry that is not a fixture of irisfix.
func artifact(ts *testscript.TestScript, neg bool, args []string) {
	make, ok := artifacts[args[0]]
	if !ok {
		ts.Fatalf("no artifact %q", args[0])
	}
	host, rest, _ := strings.Cut(args[1], "/")
	repository, tag, _ := strings.Cut(rest, ":")
	p := &putter{ts: ts, h: ts.Value("world").(*world).host(host), repository: repository}
	mediaType, body := make(p)
	p.put("/manifests/"+tag, mediaType, body)
}

// attach TYPE TEXT HOST/REPOSITORY:TAG: attaches a text as a referrer.
func attach(ts *testscript.TestScript, neg bool, args []string) {
	host, rest, _ := strings.Cut(args[2], "/")
	repository, tag, _ := strings.Cut(rest, ":")
	p := &putter{ts: ts, h: ts.Value("world").(*world).host(host), repository: repository}
	w := httptest.NewRecorder()
	p.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v2/"+repository+"/manifests/"+tag, nil))
	if w.Code != http.StatusOK {
		ts.Fatalf("%s: %d %s", args[2], w.Code, w.Body)
	}
	var m map[string]any
	ts.Check(json.Unmarshal(manifestOf(args[0], p.blob("application/vnd.oci.empty.v1+json", "{}"), p.blob("text/plain", args[1])), &m))
	m["subject"] = map[string]any{"mediaType": imageManifest, "digest": digest.FromBytes(w.Body.Bytes()), "size": w.Body.Len()}
	data, err := json.Marshal(m)
	ts.Check(err)
	p.put("/manifests/"+digest.FromBytes(data).String(), imageManifest, data)
}

const (
	imageManifest = "application/vnd.oci.image.manifest.v1+json"
	imageIndex    = "application/vnd.oci.image.index.v1+json"
)

// putter writes to a registry as no client should.
type putter struct {
	ts         *testscript.TestScript
	h          http.Handler
	repository string
}

func (p *putter) put(resource, mediaType string, body []byte) {
	method := http.MethodPut
	if strings.HasPrefix(resource, "/blobs/") {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, "/v2/"+p.repository+resource, bytes.NewReader(body))
	r.Header.Set("Content-Type", mediaType)
	w := httptest.NewRecorder()
	p.h.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		p.ts.Fatalf("%s: %d %s", resource, w.Code, w.Body)
	}
}

// blob stores a blob and returns its descriptor.
func (p *putter) blob(mediaType, body string) map[string]any {
	d := digest.FromString(body)
	p.put("/blobs/uploads/?digest="+d.String(), "application/octet-stream", []byte(body))
	return map[string]any{"mediaType": mediaType, "digest": d.String(), "size": len(body)}
}

func manifestOf(artifactType string, config map[string]any, layers ...map[string]any) []byte {
	m := map[string]any{"schemaVersion": 2, "mediaType": imageManifest, "config": config, "layers": append([]map[string]any{}, layers...)}
	if artifactType != "" {
		m["artifactType"] = artifactType
	}
	data, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return data
}

const (
	fixtureType = "application/vnd.irisfix.fixture.v1"
	configType  = "application/vnd.irisfix.manifest.v1+json"
	datType     = "application/vnd.irisfix.dat.v1"
)

// fixtureOf is a bundle with this manifest and these layers.
func fixtureOf(p *putter, manifest string, layers ...map[string]any) (string, []byte) {
	first := titled(p.blob(configType, manifest), "manifest.json")
	return imageManifest, manifestOf(fixtureType, p.blob(configType, manifest), append([]map[string]any{first}, layers...)...)
}

// listing is a manifest that lists one file with the digest of "x".
func listing(path string) string {
	return fmt.Sprintf(`{"fixture_id":"f","version":"1.0.0","schema_version":"1.0","created_at":"2026-01-01T00:00:00Z","iris_version":"x",`+
		`"tables":[{"name":"t","row_count":1,"file":%q,"checksum":%q}]}`, path, digest.FromString("x"))
}

func titled(d map[string]any, title string) map[string]any {
	d["annotations"] = map[string]string{"org.opencontainers.image.title": title}
	return d
}

var artifacts = map[string]func(*putter) (string, []byte){
	"image": func(p *putter) (string, []byte) {
		return imageManifest, manifestOf("", p.blob("application/vnd.oci.image.config.v1+json", `{"os":"linux"}`), p.blob("application/vnd.oci.image.layer.v1.tar+gzip", "layer"))
	},
	"chart": func(p *putter) (string, []byte) {
		return imageManifest, manifestOf("", p.blob("application/vnd.cncf.helm.config.v1+json", `{"name":"c"}`), p.blob("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "chart"))
	},
	"index": func(p *putter) (string, []byte) {
		return imageIndex, []byte(`{"schemaVersion":2,"mediaType":"` + imageIndex + `","manifests":[]}`)
	},
	"not-json": func(p *putter) (string, []byte) { return imageManifest, []byte(`{"schemaVersion":2,`) },
	"wrong-size": func(p *putter) (string, []byte) {
		d := p.blob(datType, "x")
		d["size"] = 1000
		return fixtureOf(p, listing("t.dat"), titled(d, "t.dat"))
	},
	"negative-size": func(p *putter) (string, []byte) {
		d := p.blob(datType, "x")
		d["size"] = -1
		return fixtureOf(p, listing("t.dat"), titled(d, "t.dat"))
	},
	"sha1": func(p *putter) (string, []byte) {
		d := p.blob(datType, "x")
		d["digest"] = "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"
		return fixtureOf(p, listing("t.dat"), titled(d, "t.dat"))
	},
	"layers": func(p *putter) (string, []byte) {
		layers := make([]map[string]any, 5000)
		for i := range layers {
			layers[i] = titled(p.blob(datType, "x"), fmt.Sprintf("%d.dat", i))
		}
		return fixtureOf(p, listing("t.dat"), layers...)
	},
	"escaping": func(p *putter) (string, []byte) {
		return fixtureOf(p, listing("../t.dat"), titled(p.blob(datType, "x"), "../t.dat"))
	},
	"bad-manifest": func(p *putter) (string, []byte) {
		return fixtureOf(p, `{"fixture_id":1}`, titled(p.blob(datType, "x"), "t.dat"))
	},
	"other-layer": func(p *putter) (string, []byte) {
		return fixtureOf(p, listing("t.dat"), titled(p.blob(datType, "y"), "t.dat"))
	},
	"not-parquet": func(p *putter) (string, []byte) {
		return fixtureOf(p, listing("t.dat"), titled(p.blob(datType, "x"), "t.dat"))
	},
}
