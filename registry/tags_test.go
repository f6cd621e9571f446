package registry_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"oras.land/oras-go/v2/errdef"

	"github.com/irisfix/irisfix/registry"
)

// pages serves tags in pages with links as link makes them.
func pages(tags []string, perPage int, link func(next string) string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		from := 0
		if last := r.URL.Query().Get("last"); last != "" {
			from = slices.Index(tags, last) + 1
		}
		to := min(from+perPage, len(tags))
		if to < len(tags) {
			w.Header().Set("Link", link("/v2/x/tags/list?n=1000&last="+tags[to-1]))
		}
		json.NewEncoder(w).Encode(map[string]any{"name": "x", "tags": tags[from:to]})
	}
}

func TestAllPagesOfTagsAreRead(t *testing.T) {
	s := newServer(t)
	var tags []string
	for i := range 25 {
		tags = append(tags, fmt.Sprintf("v%02d", i))
	}
	for name, link := range map[string]func(string) string{
		"relative":             func(next string) string { return "<" + next + `>; rel="next"` },
		"absolute":             func(next string) string { return "<" + s.URL + next + ">; rel=next" },
		"with more parameters": func(next string) string { return "<" + next + `>; title="x"; rel="next"` },
	} {
		s.on(pages(tags, 10, link))
		c, _ := newClient(t, registry.Options{})
		got, err := c.Tags(t.Context(), s.ref(t, "x"))
		if err != nil || !slices.Equal(got, tags) || len(s.requests()) != 3 {
			t.Errorf("%s: %v %v, %d requests", name, got, err, len(s.requests()))
		}
	}
	t.Run("but not those of another host", func(t *testing.T) {
		other := newServer(t)
		s.on(pages(tags, 10, func(next string) string { return "<" + other.URL + next + `>; rel="next"` }))
		c, _ := newClient(t, registry.Options{})
		got, err := c.Tags(t.Context(), s.ref(t, "x"))
		if err != nil || len(got) != 10 || len(other.requests()) > 0 {
			t.Errorf("%v %v %v", got, err, other.requests())
		}
	})
}

func TestPagesWithoutEndEnd(t *testing.T) {
	s := newServer(t)
	for name, handler := range map[string]http.HandlerFunc{
		"the same page again": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", `</v2/x/tags/list?last=a>; rel="next"`)
			fmt.Fprint(w, `{"tags":["a"]}`)
		},
		"empty pages": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", fmt.Sprintf(`</v2/x/tags/list?last=%s0>; rel="next"`, r.URL.Query().Get("last")))
			fmt.Fprint(w, `{"tags":[]}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s.on(times(99, "", handler))
			c, _ := newClient(t, registry.Options{})
			_, err := c.Tags(t.Context(), s.ref(t, "x"))
			failsWith(t, err, registry.ErrUnavailable, s.host()+"/x/tags/list: pages without end")
			if n := len(s.requests()); n > 3 {
				t.Errorf("%d requests", n)
			}
		})
	}
	t.Run("new tags for ever", func(t *testing.T) {
		s.on(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			last := r.URL.Query().Get("last")
			w.Header().Set("Link", fmt.Sprintf(`</v2/x/tags/list?last=%s0>; rel="next"`, last))
			var page []string
			for i := range 20_000 {
				page = append(page, fmt.Sprintf("%s-%d", last, i))
			}
			json.NewEncoder(w).Encode(map[string]any{"tags": page})
		})
		c, _ := newClient(t, registry.Options{})
		got, err := c.Tags(t.Context(), s.ref(t, "x"))
		if err != nil || len(got) != 100_000 || len(s.requests()) != 5 {
			t.Errorf("%d tags, %v, %d requests", len(got), err, len(s.requests()))
		}
	})
}

func TestTagsOfWhatIsNoRepository(t *testing.T) {
	s := newServer(t)
	c, _ := newClient(t, registry.Options{})
	_, err := c.Tags(t.Context(), s.ref(t, "acme/none"))
	failsWith(t, err, errdef.ErrNotFound, s.host()+"/acme/none/tags/list: GET answered 404 Not Found: NAME_UNKNOWN: Unknown name")
	for name, body := range map[string]string{"html": "<html>", "huge": `{"tags":["` + strings.Repeat("x", 5<<20) + `"]}`, "other": `{"tags":{}}`} {
		t.Run(name, func(t *testing.T) {
			s.on(times(99, "", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
			_, err := c.Tags(t.Context(), s.ref(t, "x"))
			failsWith(t, err, registry.ErrUnavailable, s.host()+"/x/tags/list: not a list of tags")
		})
	}
}
