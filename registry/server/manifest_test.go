package server_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestManifestComesBackByteForByte(t *testing.T) {
	r := newRegistry(t)
	d := r.blob("a", whole)
	for i, m := range []struct{ mediaType, content string }{
		{imageType, image("", d)},
		{imageType, " {\n\t\"config\" : {\"digest\":\"" + d + "\"},\r\n \"unknown\":1.50,\"z\":\"\\u00e9\" }\n\n"},
		{"application/vnd.docker.distribution.manifest.v2+json", `{"config":{"digest":"` + d + `"},"layers":null}`},
		{indexType, `{"schemaVersion":2,"manifests":[]}`},
		{"text/plain", "not JSON\nat all \xff\x00"},
		{"application/vnd.acme+json", ""},
	} {
		tag := fmt.Sprint("v", i)
		digest := r.manifest("a", tag, m.mediaType, m.content)
		for _, ref := range []string{tag, digest} {
			a := r.want(200, "GET", "/v2/a/manifests/"+ref, nil, "Accept", "text/html")
			equal(t, "bytes", a.body, m.content)
			equal(t, "type", a.header.Get("Content-Type"), m.mediaType)
			equal(t, "digest", a.header.Get("Docker-Content-Digest"), digest)
		}
	}
}

func TestManifestMediaTypeLosesItsParameters(t *testing.T) {
	r := newRegistry(t)
	r.manifest("a", "v1", "text/plain; charset=utf-8", "x")
	equal(t, "type", r.want(200, "GET", "/v2/a/manifests/v1", nil).header.Get("Content-Type"), "text/plain")
	// The same bytes as something else: the last push counts.
	r.manifest("a", "v1", "text/html", "x")
	equal(t, "type", r.want(200, "GET", "/v2/a/manifests/v1", nil).header.Get("Content-Type"), "text/html")
}

func TestManifestOfFourMebibytesIsTheLargest(t *testing.T) {
	r := newRegistry(t)
	largest := pattern(4 << 20)
	r.manifest("a", "v1", "a/b", largest)
	if got := r.want(200, "GET", "/v2/a/manifests/v1", nil).body; got != largest {
		t.Error("other bytes came back")
	}
	for _, body := range []string{largest + "x", largest + largest} {
		for _, push := range []func() answer{
			func() answer {
				return r.do("PUT", "/v2/a/manifests/v2", strings.NewReader(body), "Content-Type", "a/b")
			},
			func() answer { return r.do("PUT", "/v2/a/manifests/v2", stream(body), "Content-Type", "a/b") },
		} {
			a := push()
			equal(t, "status", a.status, 413)
			equal(t, "body", a.body, `{"errors":[{"code":"MANIFEST_INVALID","message":"manifest is larger than 4 MiB"}]}`)
		}
	}
	r.want(404, "HEAD", "/v2/a/manifests/v2", nil)
}

func TestManifestThatIsRefused(t *testing.T) {
	r := newRegistry(t)
	d := r.blob("a", whole)
	elsewhere := r.blob("b", "elsewhere")
	manifest := r.manifest("a", "there", "text/plain", "not a blob")
	invalid := func(message string) string {
		return `{"errors":[{"code":"MANIFEST_INVALID","message":"` + message + `"}]}`
	}
	absent := func(digest string) string {
		return `{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"manifest references a manifest or blob unknown to registry","detail":{"digest":"` + digest + `"}}]}`
	}
	for _, tt := range []struct {
		name, mediaType, content string
		status                   int
		body                     string
	}{
		{"layer absent", imageType, image("", d, noSuch), 404, absent(noSuch)},
		{"config absent", imageType, image("", noSuch, d), 404, absent(noSuch)},
		{"layer in another repository only", imageType, image("", d, elsewhere), 404, absent(elsewhere)},
		{"layer that is a manifest", imageType, image("", d, manifest), 404, absent(manifest)},
		{"manifest absent", indexType, `{"manifests":[{"digest":"` + noSuch + `"}]}`, 404, absent(noSuch)},
		{"no JSON", imageType, `{"config":`, 400, invalid("manifest is not valid JSON: line 1, column 11: ends too early")},
		{"a key twice", imageType, `{"layers":[],"layers":[]}`, 400, invalid(`manifest is not valid JSON: line 1, column 22: duplicate key \"layers\"`)},
		{"another form", imageType, `{"config":[]}`, 400, invalid("manifest does not have the form of its type")},
		{"an array", indexType, `[]`, 400, invalid("manifest does not have the form of its type")},
		{"no config", imageType, `{"layers":[]}`, 400, invalid("image manifest has no config")},
		{"another type inside", indexType, image("", d), 400, invalid("mediaType of the manifest is not its Content-Type")},
		{"digest climbs out", imageType, `{"config":{"digest":"sha256:../../../../etc/passwd"}}`, 400, invalid("manifest has an invalid or unsupported digest")},
		{"digest of unknown kind", indexType, `{"manifests":[{"digest":"md5:d41d8cd98f00b204e9800998ecf8427e"}]}`, 400, invalid("manifest has an invalid or unsupported digest")},
		{"subject without digest", imageType, image(`,"subject":{"size":1}`, d), 400, invalid("manifest has an invalid or unsupported digest")},
		{"no type", "", "x", 400, invalid("Content-Type is missing or malformed")},
		{"malformed type", "text", "x", 400, invalid("Content-Type is missing or malformed")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, ref := range []string{"v1", digestOf(tt.content)} {
				a := r.do("PUT", "/v2/a/manifests/"+ref, strings.NewReader(tt.content), "Content-Type", tt.mediaType)
				equal(t, "status", a.status, tt.status)
				equal(t, "body", a.body, tt.body)
				r.want(404, "HEAD", "/v2/a/manifests/"+ref, nil)
			}
		})
	}
	a := r.want(400, "PUT", "/v2/a/manifests/"+noSuch, strings.NewReader("x"), "Content-Type", "a/b")
	equal(t, "digest of other bytes", a.body,
		`{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match uploaded content"}]}`)
}

func TestWhatAManifestMayNameWithoutItBeingHere(t *testing.T) {
	r := newRegistry(t)
	d := r.blob("a", whole)
	foreign := fmt.Sprintf(`{"config":{"digest":%q},"layers":[`+
		`{"mediaType":"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip","digest":%q},`+
		`{"mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip","digest":%q}]}`, d, noSuch, noSuch)
	r.manifest("a", "foreign", imageType, foreign)
	a := r.want(201, "PUT", "/v2/a/manifests/subject", strings.NewReader(image(`,"subject":{"digest":"`+noSuch+`"}`, d)), "Content-Type", imageType)
	equal(t, "OCI-Subject", a.header.Get("OCI-Subject"), noSuch)
	// An index may list plain blobs, as build caches do.
	r.manifest("a", "cache", indexType, `{"manifests":[{"digest":"`+d+`"}]}`)
}

func TestTagsAsParameters(t *testing.T) {
	r := newRegistry(t)
	path := "/v2/a/manifests/" + digestOf("x")
	a := r.want(201, "PUT", path+"?tag=1.2.3&tag=latest", strings.NewReader("x"), "Content-Type", "a/b")
	equal(t, "OCI-Tag", a.header.Values("OCI-Tag"), []string{"1.2.3", "latest"})
	for _, tag := range []string{"1.2.3", "latest"} {
		equal(t, tag, r.want(200, "GET", "/v2/a/manifests/"+tag, nil).body, "x")
	}
	a = r.want(400, "PUT", "/v2/b/manifests/"+digestOf("x")+"?tag=ok&tag=../up", strings.NewReader("x"), "Content-Type", "a/b")
	equal(t, "body", a.body, `{"errors":[{"code":"MANIFEST_INVALID","message":"invalid tag"}]}`)
	equal(t, "OCI-Tag", a.header.Values("OCI-Tag"), []string{})
	r.want(404, "GET", "/v2/b/tags/list", nil)
}

func TestReferrers(t *testing.T) {
	r := newRegistry(t)
	d := r.blob("a", whole)
	subject := r.manifest("a", "v1", imageType, image("", d))
	sig := image(`,"artifactType":"x/sig","annotations":{"by":"me"},"subject":{"digest":"`+subject+`"}`, d)
	old := strings.Replace(image(`,"subject":{"digest":"`+subject+`"}`, d), `"a/b"`, `"x/config"`, 1)
	list := `{"schemaVersion":2,"manifests":[],"subject":{"digest":"` + subject + `"}}`
	r.manifest("a", digestOf(sig), imageType, sig)
	r.manifest("a", "old", imageType, old)
	r.manifest("a", "list", indexType, list)
	r.manifest("a", "other", imageType, image(`,"subject":{"digest":"`+noSuch+`"}`, d))

	entry := map[string]string{
		digestOf(sig):  fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d,"annotations":{"by":"me"},"artifactType":"x/sig"}`, imageType, digestOf(sig), len(sig)),
		digestOf(old):  fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d,"artifactType":"x/config"}`, imageType, digestOf(old), len(old)),
		digestOf(list): fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d}`, indexType, digestOf(list), len(list)),
	}
	index := func(digests ...string) string {
		var list []string
		for _, d := range digests {
			list = append(list, entry[d])
		}
		return `{"schemaVersion":2,"mediaType":"` + indexType + `","manifests":[` + strings.Join(list, ",") + `]}`
	}
	a := r.want(200, "GET", "/v2/a/referrers/"+subject, nil)
	equal(t, "all", a.body, index(sorted(digestOf(sig), digestOf(old), digestOf(list))...))
	equal(t, "type", a.header.Get("Content-Type"), indexType)
	equal(t, "filters", a.header.Values("OCI-Filters-Applied"), []string{})
	a = r.want(200, "GET", "/v2/a/referrers/"+subject+"?artifactType=x/sig", nil)
	equal(t, "filtered", a.body, index(digestOf(sig)))
	equal(t, "filters", a.header.Get("OCI-Filters-Applied"), "artifactType")
	for _, path := range []string{"/v2/a/referrers/" + digestOf("y"), "/v2/b/referrers/" + subject} {
		equal(t, "none", r.want(200, "GET", path, nil).body, index())
	}
	r.want(202, "DELETE", "/v2/a/manifests/"+digestOf(sig), nil)
	r.want(202, "DELETE", "/v2/a/manifests/"+digestOf(list), nil)
	equal(t, "after deletion", r.want(200, "GET", "/v2/a/referrers/"+subject, nil).body, index(digestOf(old)))
	equal(t, "no digest", r.want(400, "GET", "/v2/a/referrers/v1", nil).body,
		`{"errors":[{"code":"DIGEST_INVALID","message":"invalid or unsupported digest"}]}`)
}

func TestPages(t *testing.T) {
	r := newRegistry(t)
	for _, tag := range []string{"v2", "v1", "latest", "V1", "_x", "v1."} {
		r.manifest("a/b", tag, "a/b", tag)
	}
	r.manifest("c", "v1", "a/b", "x")
	tags := func(list string) string { return `{"name":"a/b","tags":[` + list + `]}` }
	all := `"V1","_x","latest","v1","v1.","v2"`
	for _, tt := range []struct{ path, body, link string }{
		{"/v2/a/b/tags/list", tags(all), ""},
		{"/v2/a/b/tags/list?n=6", tags(all), ""},
		{"/v2/a/b/tags/list?n=100", tags(all), ""},
		{"/v2/a/b/tags/list?n=2", tags(`"V1","_x"`), `</v2/a/b/tags/list?last=_x&n=2>; rel="next"`},
		{"/v2/a/b/tags/list?last=_x&n=2", tags(`"latest","v1"`), `</v2/a/b/tags/list?last=v1&n=2>; rel="next"`},
		{"/v2/a/b/tags/list?last=v1&n=2", tags(`"v1.","v2"`), ""},
		{"/v2/a/b/tags/list?last=m", tags(`"v1","v1.","v2"`), ""},
		{"/v2/a/b/tags/list?last=z&n=1", tags(``), ""},
		{"/v2/a/b/tags/list?n=0", tags(``), ""},
		{"/v2/_catalog", `{"repositories":["a/b","c"]}`, ""},
		{"/v2/_catalog?n=1", `{"repositories":["a/b"]}`, `</v2/_catalog?last=a%2Fb&n=1>; rel="next"`},
		{"/v2/_catalog?last=a%2Fb&n=1", `{"repositories":["c"]}`, ""},
	} {
		a := r.want(200, "GET", tt.path, nil)
		equal(t, tt.path, a.body, tt.body)
		equal(t, tt.path, a.header.Get("Link"), tt.link)
	}
	for _, n := range []string{"-1", "x", "", "99999999999999999999"} {
		equal(t, n, r.want(400, "GET", "/v2/_catalog?n="+n, nil).body,
			`{"errors":[{"code":"UNSUPPORTED","message":"n is not a number of entries"}]}`)
	}
}

func TestDeletedTagLeavesTheManifest(t *testing.T) {
	r := newRegistry(t)
	d := r.manifest("a", "v1", "a/b", "x")
	r.want(202, "DELETE", "/v2/a/manifests/v1", nil)
	r.want(404, "GET", "/v2/a/manifests/v1", nil)
	r.want(200, "GET", "/v2/a/manifests/"+d, nil)
	equal(t, "tags", r.want(200, "GET", "/v2/a/tags/list", nil).body, `{"name":"a","tags":[]}`)
}

func TestDeletedManifestTakesItsTagsAlong(t *testing.T) {
	r := newRegistry(t)
	d := r.manifest("a", "v1", "a/b", "x")
	r.manifest("a", "v2", "a/b", "x")
	r.manifest("a", "v3", "a/b", "y")
	r.manifest("b", "v1", "a/b", "x")
	r.want(202, "DELETE", "/v2/a/manifests/"+d, nil)
	r.want(404, "GET", "/v2/a/manifests/"+d, nil)
	r.want(404, "GET", "/v2/a/manifests/v1", nil)
	equal(t, "tags", r.want(200, "GET", "/v2/a/tags/list", nil).body, `{"name":"a","tags":["v3"]}`)
	r.want(200, "GET", "/v2/b/manifests/v1", nil)
}

func TestDeletedBlobLeavesOnlyItsRepository(t *testing.T) {
	r := newRegistry(t)
	d := r.blob("a", whole)
	r.blob("b", whole)
	r.want(202, "DELETE", "/v2/a/blobs/"+d, nil)
	r.want(404, "GET", "/v2/a/blobs/"+d, nil)
	r.want(200, "GET", "/v2/b/blobs/"+d, nil)
	r.want(202, "DELETE", "/v2/b/blobs/"+d, nil)
	if _, err := os.Stat(r.content(d)); !os.IsNotExist(err) {
		t.Errorf("bytes are still there: %v", err)
	}
	r.blob("a", whole)
	equal(t, "pushed again", r.want(200, "GET", "/v2/a/blobs/"+d, nil).body, whole)
}
