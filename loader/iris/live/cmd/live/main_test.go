package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/live"
)

func TestQuestionsAreAskedAndTheReportIsWritten(t *testing.T) {
	s := iristest.New(t, func(o *iristest.Options) { o.Users = []iristest.User{{Name: "_SYSTEM", Password: "top/secret"}} })
	path := filepath.Join(t.TempDir(), "report.md")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--only", "questions", "--report", path}, s.URL(), &out, &out); err != nil {
		t.Error(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range live.Parts() {
		for _, q := range part.Questions {
			if !strings.Contains(string(page), "### "+q.Topic+"\n") {
				t.Errorf("the report has no %q", q.Topic)
			}
			if !strings.Contains(out.String(), " "+q.Topic+": ") {
				t.Errorf("%q is not printed", q.Topic)
			}
		}
	}
	for _, secret := range []string{"top/secret", "top%2Fsecret"} {
		if strings.Contains(string(page)+out.String(), secret) {
			t.Error("the password is told")
		}
	}
	if got := s.System().Namespaces(); !slices.Equal(got, []string{"%SYS", "USER"}) {
		t.Errorf("left behind: %q", got)
	}
}

func TestMistakesAreSaidBeforeAnythingIsDone(t *testing.T) {
	s := iristest.New(t)
	restricted := iristest.New(t)
	restricted.System().Restrict("_SYSTEM")
	expired := iristest.New(t, func(o *iristest.Options) {
		o.Users = []iristest.User{{Name: "_SYSTEM", Password: "SYS", ChangePassword: true}}
	})
	for _, tt := range []struct {
		name, url, want string
		args            []string
	}{
		{"no server", "", "set IRISFIX_TEST_IRIS=iris://user:password@host:port/NAMESPACE", nil},
		{"no URL", "localhost:1972", "IRISFIX_TEST_IRIS: not an iris URL: it does not begin with iris://", nil},
		{"no host", "iris:///USER", "IRISFIX_TEST_IRIS names no host", nil},
		{"an unknown part", s.URL(), "--only all: there are questions, suite and judges", []string{"--only", "all"}},
		{"a surplus argument", s.URL(), `unexpected argument "x"`, []string{"x"}},
		{"no right", restricted.URL(), "the account may not make namespaces, which takes %Admin_Manage:USE", []string{"--only", "questions"}},
		{"an expired password", expired.URL(), "the password must be changed first", nil},
		{"a wrong password", strings.Replace(s.URL(), ":SYS@", ":wrong@", 1), "login refused", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var out bytes.Buffer
			err := run(t.Context(), tt.args, tt.url, &out, &out)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestLeavesOfTheSuiteAreCounted(t *testing.T) {
	const events = `{"Action":"start"}
{"Action":"run","Test":"T"}
{"Action":"run","Test":"T/a"}
{"Action":"run","Test":"T/a/x"}
{"Action":"pass","Test":"T/a/x"}
{"Action":"run","Test":"T/a/y"}
{"Action":"output","Test":"T/a/y","Output":"    y.go:1: wrong\n"}
{"Action":"fail","Test":"T/a/y"}
{"Action":"fail","Test":"T/a"}
{"Action":"run","Test":"T/b"}
{"Action":"run","Test":"T/b/x"}
{"Action":"pass","Test":"T/b/x"}
{"Action":"output","Test":"T/b","Output":"    b.go:1: not dropped\n"}
{"Action":"fail","Test":"T/b"}
{"Action":"run","Test":"T/c"}
{"Action":"skip","Test":"T/c"}
{"Action":"output","Test":"T","Output":"--- FAIL: T\n"}
{"Action":"fail","Test":"T"}
{"Action":"fail"}
`
	var r live.Run
	var shown bytes.Buffer
	if err := readEvents(strings.NewReader(events), &shown, &r); err != nil {
		t.Fatal(err)
	}
	if r.Passed != 2 || r.Skipped != 1 || !slices.Equal(r.Failures, []string{"T/a/y", "T/b"}) {
		t.Errorf("got %+v", r)
	}
	if !strings.Contains(shown.String(), "y.go:1: wrong") {
		t.Errorf("shown: %s", &shown)
	}
}

func TestResultsOfTheJudgesAreCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.xml")
	const text = `<?xml version="1.0"?><testsuites><testsuite name="pytest"><testcase name="a"/>
<testcase name="b"><failure message="m">f</failure></testcase><testcase name="c"><skipped/></testcase><testcase name="d"><error/></testcase></testsuite></testsuites>`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var r live.Run
	if err := readResults(path, &r); err != nil {
		t.Fatal(err)
	}
	if r.Passed != 1 || r.Skipped != 1 || !slices.Equal(r.Failures, []string{"b", "d"}) {
		t.Errorf("got %+v", r)
	}
}

func TestJudgesAreToldEverything(t *testing.T) {
	for text, want := range map[string]string{
		"iris://u:p%40%2F@h:1/USER":         "iris://u:p%40%2F@h:1/OWN",
		"iris://h":                          "iris://_SYSTEM:SYS@h:1972/OWN",
		"iris://u:p@h/%SYS?tls=skip-verify": "iris://u:p@h:1972/OWN?tls=skip-verify",
	} {
		cfg, err := configOf(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Namespace = "OWN"
		if got := urlOf(cfg, text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
