package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/internal/parallel"
)

// fetch is a request from a goroutine, where a test must not end.
func (r *registry) fetch(ctx context.Context, method, path, body, contentType string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, method, r.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

func TestManyClientsAtOnce(t *testing.T) {
	r := newRegistry(t)
	const clients, rounds = 8, 20
	cfg := r.blob("shared", "config")
	err := parallel.ForEach(t.Context(), clients, clients, func(ctx context.Context, c int) error {
		for i := range rounds {
			// The same blobs from all clients, a blob of its own, and one tag that everybody moves.
			for _, content := range []string{fmt.Sprint("same ", i), fmt.Sprint("own ", c, i)} {
				status, body, err := r.fetch(ctx, "POST", "/v2/shared/blobs/uploads/?digest="+digestOf(content), content, "")
				if err != nil || status != 201 {
					return fmt.Errorf("blob: %d %s %w", status, body, err)
				}
			}
			m := image(fmt.Sprintf(`,"annotations":{"by":"%d-%d"}`, c, i), cfg, digestOf(fmt.Sprint("same ", i)), digestOf(fmt.Sprint("own ", c, i)))
			for _, tag := range []string{"moving", fmt.Sprintf("tag-%d-%d", c, i)} {
				if status, body, err := r.fetch(ctx, "PUT", "/v2/shared/manifests/"+tag, m, imageType); err != nil || status != 201 {
					return fmt.Errorf("manifest: %d %s %w", status, body, err)
				}
			}
			status, body, err := r.fetch(ctx, "GET", "/v2/shared/manifests/moving", "", "")
			if err != nil || status != 200 || !strings.HasSuffix(body, `"}}`) {
				return fmt.Errorf("moving tag: %d %s %w", status, body, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.restart()
	list := r.want(200, "GET", "/v2/shared/tags/list", nil).body
	equal(t, "tags", strings.Count(list, `"tag-`), clients*rounds)
	equal(t, "blobs", len(files(t, r.file("blobs"))), 1+rounds+clients*rounds)
	for c := range clients {
		r.want(200, "GET", fmt.Sprintf("/v2/shared/manifests/tag-%d-0", c), nil)
	}
	equal(t, "reports", r.reports(), []string{})
}

// While the same things are pushed and deleted, what is there is whole, and in the end nothing is left over.
func TestPushAndDeleteAtOnce(t *testing.T) {
	r := newRegistry(t)
	const clients, rounds = 6, 40
	content := pattern(100_000)
	m := `{"manifests":[]}`
	err := parallel.ForEach(t.Context(), clients, clients, func(ctx context.Context, c int) error {
		repo := fmt.Sprint("/v2/r", c%3)
		for range rounds {
			for _, step := range []struct {
				method, path, body, contentType string
				allowed                         []int
			}{
				{"POST", repo + "/blobs/uploads/?digest=" + digestOf(content), content, "", []int{201}},
				{"PUT", repo + "/manifests/v1", m, indexType, []int{201}},
				{"GET", repo + "/blobs/" + digestOf(content), "", "", []int{200, 404}},
				{"GET", repo + "/manifests/v1", "", "", []int{200, 404}},
				{"DELETE", repo + "/manifests/" + digestOf(m), "", "", []int{202, 404}},
				{"DELETE", repo + "/blobs/" + digestOf(content), "", "", []int{202, 404}},
			} {
				status, body, err := r.fetch(ctx, step.method, step.path, step.body, step.contentType)
				if err != nil {
					return err
				}
				if !contains(step.allowed, status) {
					return fmt.Errorf("%s %s: %d %s", step.method, step.path, status, body)
				}
				if status == 200 && body != content && body != m {
					return fmt.Errorf("%s: %d bytes that nobody pushed", step.path, len(body))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "blobs", files(t, r.file("blobs")), []string{})
	for repo := range 3 {
		equal(t, "tags", r.want(200, "GET", fmt.Sprintf("/v2/r%d/tags/list", repo), nil).body, fmt.Sprintf(`{"name":"r%d","tags":[]}`, repo))
	}
	equal(t, "reports", r.reports(), []string{})
}

func contains(list []int, n int) bool {
	for _, m := range list {
		if m == n {
			return true
		}
	}
	return false
}
