package live_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/discover"
	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/live"
)

func homeOf(t *testing.T, s *iristest.Server) client.Config {
	t.Helper()
	u, err := discover.ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	found, err := discover.Find(t.Context(), []discover.Given{{From: "the test", URL: u}}, func(string) string { return "" }, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := found.Config(nil)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// What the test server answers is no evidence, but it has to be an answer: a probe that cannot be carried out here could
// not be carried out anywhere. Where it differs from what we say that we believe, one of the two is wrong.
func TestEveryQuestionIsAnswered(t *testing.T) {
	s := iristest.New(t, func(o *iristest.Options) { o.Connections = iristest.Community })
	home := homeOf(t, s)
	var told []live.Asked
	asked, err := live.NewServer(home).Ask(t.Context(), func(a live.Asked) { told = append(told, a) })
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range asked {
		t.Logf("%-12s %s: %s", a.Verdict, a.Topic, a.Said)
		if a.Verdict == live.Failed || a.Verdict == live.Otherwise {
			t.Errorf("%s, %s: %s", a.Topic, a.Verdict, a.Said)
		}
		if a.Said == "" || a.Topic == "" || a.Believed == "" {
			t.Errorf("%+v has an empty part", a)
		}
	}
	if len(told) != len(asked) {
		t.Errorf("%d answers told, %d returned", len(told), len(asked))
	}
	if got := s.System().Namespaces(); !slices.Equal(got, []string{"%SYS", "USER"}) {
		t.Errorf("left behind: %q", got)
	}

	page := string((&live.Report{Server: home.String(), Asked: asked, Began: time.Unix(0, 0)}).Markdown())
	for _, part := range live.Parts() {
		for _, q := range part.Questions {
			if !strings.Contains(page, "### "+q.Topic+"\n") || !strings.Contains(page, "## "+part.Title+"\n") {
				t.Errorf("the report has no %q", q.Topic)
			}
		}
	}
}

func TestReportSaysWhatFailedAndNoPassword(t *testing.T) {
	cfg := client.Config{Address: "host:1972", Namespace: "USER", User: "_SYSTEM", Password: "secret"}
	r := live.Report{
		Server: cfg.String(), Version: "IRIS | 2025.1", Locale: "UNICODE", Irisfix: "v1", Began: time.Unix(1700000000, 0),
		Runs:  []live.Run{{Name: "suite", Passed: 3, Failures: []string{"a`b"}}, {Name: "judges", Err: context.Canceled}},
		Notes: []string{"swept"},
		Asked: []live.Asked{
			{Part: "P", Question: live.Question{Topic: "x", Believed: "y", Depends: "z"}, Answer: live.Answer{Said: "no\n* `w`", Verdict: live.Otherwise}},
			{Part: "P", Question: live.Question{Topic: "u", Believed: "v", Remark: "w"}, Answer: live.Answer{Said: "s", Verdict: live.Otherwise}},
		},
	}
	const want = `# irisfix on a real InterSystems IRIS

| | |
|---|---|
| server | iris://_SYSTEM@host:1972/USER |
| version | IRIS \| 2025.1 |
| edition | not asked |
| locale | UNICODE |
| irisfix | v1 |
| date | 2023-11-14T22:13:20Z |

## Tests

| | passed | skipped | failed |
|---|---|---|---|
| suite | 3 | 0 | 1 |
| judges | 0 | 0 | 0 |

Failed of suite:

* ’’ a’b ’’

judges: context canceled

## Answers that break something

* x: otherwise

## P

### x

* **otherwise**
* this server: ’’ no * ’w’ ’’
* believed: y
* what of irisfix depends on it: z

### u

* **otherwise**
* this server: ’ s ’
* believed: v
* what of irisfix depends on it: nothing; w

## Notes

* swept
`
	if got := strings.ReplaceAll(string(r.Markdown()), "`", "’"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNextRunTakesAwayWhatAnEarlierOneLeft(t *testing.T) {
	s := iristest.New(t)
	home := homeOf(t, s)
	ctx := t.Context()
	left, err := live.NewServer(home).Make(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// Not ours: the name alone is not enough.
	c, err := client.Connect(ctx, home)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "CREATE DATABASE "+live.Prefix+"2"); err != nil {
		t.Fatal(err)
	}
	c.Close()

	next := live.NewServer(home)
	dropped, err := next.Sweep(ctx)
	if err != nil || !slices.Equal(dropped, []string{left.Namespace}) {
		t.Errorf("dropped %q, %v; want %q", dropped, err, left.Namespace)
	}
	for _, want := range []string{live.Prefix + "1", live.Prefix + "3"} {
		got, err := next.Make(ctx)
		if err != nil || got.Namespace != want {
			t.Errorf("made %q, %v; want %q", got.Namespace, err, want)
		}
	}
	if got := s.System().Namespaces(); !slices.Contains(got, live.Prefix+"2") {
		t.Errorf("somebody else's namespace is gone: %q", got)
	}
}

// A run that was killed before it swept is put right by the next that needs the name.
func TestLeftoverIsEmptiedBeforeItIsUsed(t *testing.T) {
	home := homeOf(t, iristest.New(t))
	ctx := t.Context()
	left, err := live.NewServer(home).Make(ctx)
	if err != nil {
		t.Fatal(err)
	}
	target, err := iris.OpenTarget(ctx, left)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Connect(ctx, left)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "CREATE TABLE Stale (v INTEGER)"); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}

	again, err := live.NewServer(home).Make(ctx)
	if err != nil || again.Namespace != left.Namespace {
		t.Fatalf("made %q, %v", again.Namespace, err)
	}
	src, err := iris.OpenSource(ctx, again)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	about, err := src.Describe(ctx)
	if err != nil || len(about.Tables) != 0 {
		t.Errorf("it has %q, %v", about.Tables, err)
	}
}

func TestAnAccountWithoutTheRightIsRefused(t *testing.T) {
	s := iristest.New(t)
	s.System().Restrict("_SYSTEM")
	_, err := live.NewServer(homeOf(t, s)).Ask(t.Context(), nil)
	if err == nil || !live.MayNotMake(err) {
		t.Errorf("got %v", err)
	}
}
