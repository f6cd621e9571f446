package registry

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const (
	// maxTags bounds what a registry can make us keep: far more tags than anybody can choose from.
	maxTags = 100_000

	// tagsPerPage is asked for; registries may give fewer.
	tagsPerPage = 1000

	// maxTagPage is room for tagsPerPage tags of the longest kind, several times over.
	maxTagPage = 4 << 20
)

// Tags lists the tags of a repository in the registry's order. The reference's own tag and digest do not matter. The
// result is cut at a hundred thousand.
func (c *Client) Tags(ctx context.Context, repository Reference) ([]string, error) {
	var tags []string
	seen := map[string]bool{}
	var next *url.URL
	for {
		page, more, err := c.tagPage(ctx, repository, next)
		if err != nil {
			return nil, err
		}
		tags = append(tags, page...)
		if more == nil || len(tags) >= maxTags {
			return tags[:min(len(tags), maxTags)], nil
		}
		if seen[more.String()] || len(page) == 0 {
			return nil, &ProtocolError{Host: repository.host(), Resource: repository.Repository + "/tags/list", Reason: "pages without end"}
		}
		seen[more.String()] = true
		next = more
	}
}

// tagPage gets one page and where the next one is.
func (c *Client) tagPage(ctx context.Context, ref Reference, at *url.URL) (tags []string, next *url.URL, err error) {
	r := &request{method: http.MethodGet, ref: ref, resource: "tags/list", target: at,
		query: url.Values{"n": {strconv.Itoa(tagsPerPage)}}}
	err = c.retry(ctx, Event{Reference: ref.Name()}, func() error {
		resp, err := c.do(ctx, r)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(io.LimitReader(resp.Body, maxTagPage+1))
		if err != nil {
			return err
		}
		var page struct {
			Tags []string `json:"tags"`
		}
		if len(data) > maxTagPage || json.Unmarshal(data, &page) != nil {
			return &ProtocolError{Host: ref.host(), Resource: r.subject(), Reason: "not a list of tags"}
		}
		tags, next = page.Tags, nextPage(resp)
		return nil
	}, nil)
	return tags, next, err
}

// linkRule finds the next page in a Link header, RFC 8288 as far as the distribution-spec uses it.
var linkRule = regexp.MustCompile(`^\s*<([^>]*)>\s*;.*\brel\s*=\s*"?next"?`)

// nextPage follows a link only within the registry: elsewhere it would be another one's answer.
func nextPage(resp *http.Response) *url.URL {
	m := linkRule.FindStringSubmatch(strings.Join(resp.Header.Values("Link"), ","))
	if m == nil {
		return nil
	}
	next, err := resp.Request.URL.Parse(m[1])
	if err != nil || !sameOrigin(next, resp.Request.URL) {
		return nil
	}
	return next
}
