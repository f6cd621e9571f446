package discover_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/discover"
)

// machine is what runs on a machine, by command, and its environment.
type machine struct {
	env map[string]string
	out map[string]string
	err map[string]error
	ran []string
}

func (m *machine) run(_ context.Context, name string, args ...string) ([]byte, error) {
	m.ran = append(m.ran, name)
	if err := m.err[name]; err != nil {
		return nil, err
	}
	out, ok := m.out[name]
	if !ok {
		return nil, exec.ErrNotFound
	}
	return []byte(out), nil
}

func (m *machine) find(t *testing.T, given ...discover.Given) (*discover.Server, error) {
	t.Helper()
	return discover.Find(t.Context(), given, func(name string) string { return m.env[name] }, m.run)
}

// lines are the settings of a server with where they came from.
func lines(s *discover.Server) string {
	text := ""
	for _, v := range []struct {
		name string
		discover.Value
	}{{"host", s.Host}, {"port", s.Port}, {"namespace", s.Namespace}, {"user", s.User},
		{"password", discover.Value{Text: string(s.Password), From: s.PasswordFrom}}, {"tls", s.TLS}, {"ca", s.CA}} {
		if v.Text != "" {
			text += fmt.Sprintf("%s %s (%s); ", v.name, v.Text, v.From)
		}
	}
	return strings.TrimSuffix(text, "; ")
}

const (
	twoInstances = `
Configuration 'IRIS'   (default)
	directory:    /usr/irissys
	versionid:    2023.1.0.235.1com
	conf file:    iris.cpf  (SuperServer port = 51773, WebServer = 52773)
	status:       down, last used Tue Jun 27 01:50:36 2023
	product:      InterSystems IRIS

Instance 'TEST-2'
	directory:    C:\InterSystems\Test
	versionid:    2025.1.3.481.1
	conf file:    iris.cpf  (WebServer port = 52773)
	status:       running, since Wed Aug 26 09:44:40 2026
	SuperServers: 1973, 1974
	mirroring: Member Type = Failover; Status = Primary
	state:        ok
	product:      InterSystems IRIS
`
	olderInstance = "Configuration 'IRIS'   (default)\r\n\tconf file:    iris.cpf  (SuperServer port = 1972, WebServer = 52773)\r\n\tstatus:       running, since Tue Jun 27 01:55:25 2023\r\n"
	containers    = "web\t0.0.0.0:80->80/tcp, [::]:80->80/tcp\nidle\t\nhidden\t1972/tcp, 2188/tcp, 53773/tcp\ndb\t0.0.0.0:32768->1972/tcp, [::]:32769->1972/tcp, 0.0.0.0:32770->52773/tcp\n"
)

func TestEachSettingSaysWhereItCameFrom(t *testing.T) {
	url := func(s string) discover.Given {
		u, err := discover.ParseURL(s)
		if err != nil {
			t.Fatal(err)
		}
		return discover.Given{From: "--to", URL: u}
	}
	all := map[string]string{"IRIS_HOST": "db.example", "IRIS_HOSTNAME": "other.example", "IRIS_PORT": "51773", "IRIS_NAMESPACE": "APP", "IRIS_USERNAME": "loader", "IRIS_PASSWORD": "canary"}
	for name, c := range map[string]struct {
		machine machine
		given   []discover.Given
		want    string
		ran     string
	}{
		"nothing anywhere": {want: "host localhost (default); port 1972 (default); namespace USER (default); user _SYSTEM (default); password SYS (default); tls off (default)", ran: "iris docker"},
		"environment": {machine: machine{env: all},
			want: "host db.example (IRIS_HOST); port 51773 (IRIS_PORT); namespace APP (IRIS_NAMESPACE); user loader (IRIS_USERNAME); password canary (IRIS_PASSWORD); tls off (default)"},
		"the other name of the host": {machine: machine{env: map[string]string{"IRIS_HOSTNAME": "db.example"}},
			want: "host db.example (IRIS_HOSTNAME); port 1972 (default); namespace USER (default); user _SYSTEM (default); password SYS (default); tls off (default)"},
		"only a port, though another server runs": {machine: machine{env: map[string]string{"IRIS_PORT": "1972"}, out: map[string]string{"docker": containers}},
			want: "host localhost (default); port 1972 (IRIS_PORT); namespace USER (default); user _SYSTEM (default); password SYS (default); tls off (default)"},
		"a URL with everything": {machine: machine{env: all}, given: []discover.Given{url("iris://me:p%40ss@10.0.0.1:1973/%SYS?tls=on&ca=ca.pem")},
			want: "host 10.0.0.1 (--to); port 1973 (--to); namespace %SYS (--to); user me (--to); password p@ss (--to); tls on (--to); ca ca.pem (--to)"},
		"a URL with a host has its own port": {machine: machine{env: all}, given: []discover.Given{url("iris://db2.example")},
			want: "host db2.example (--to); port 1972 (default); namespace APP (IRIS_NAMESPACE); user loader (IRIS_USERNAME); password canary (IRIS_PASSWORD); tls off (default)"},
		"a URL without host": {machine: machine{env: all}, given: []discover.Given{url("iris:///OTHER?tls=skip-verify")},
			want: "host db.example (IRIS_HOST); port 51773 (IRIS_PORT); namespace OTHER (--to); user loader (IRIS_USERNAME); password canary (IRIS_PASSWORD); tls skip-verify (--to)"},
		"a flag before a URL": {given: []discover.Given{{From: "--namespace", URL: discover.URL{Namespace: "NS"}}, url("iris://h/OTHER")},
			want: "host h (--to); port 1972 (default); namespace NS (--namespace); user _SYSTEM (default); password SYS (default); tls off (default)"},
		"a container": {machine: machine{out: map[string]string{"docker": containers}}, ran: "iris docker",
			want: "host 127.0.0.1 (docker ps, container db); port 32768 (docker ps, container db); namespace USER (default); user _SYSTEM (default); password SYS (default); tls off (default)"},
		"an instance": {machine: machine{out: map[string]string{"iris": twoInstances}}, ran: "iris docker",
			want: "host localhost (iris list, instance TEST-2); port 1973 (iris list, instance TEST-2); namespace USER (default); user _SYSTEM (default); password SYS (default); tls off (default)"},
		"the default port before others": {machine: machine{out: map[string]string{"iris": olderInstance, "docker": containers}}, ran: "iris docker",
			want: "host localhost (iris list, instance IRIS); port 1972 (iris list, instance IRIS); namespace USER (default); user _SYSTEM (default); password SYS (default); tls off (default)"},
		"containers of another machine": {machine: machine{env: map[string]string{"DOCKER_HOST": "ssh://far"}, out: map[string]string{"docker": containers}}, ran: "iris",
			want: "host localhost (default); port 1972 (default); namespace USER (default); user _SYSTEM (default); password SYS (default); tls off (default)"},
		"containers of a socket": {machine: machine{env: map[string]string{"DOCKER_HOST": "unix:///run/user/1000/docker.sock"}, out: map[string]string{"docker": containers}}, ran: "iris docker",
			want: "host 127.0.0.1 (docker ps, container db); port 32768 (docker ps, container db); namespace USER (default); user _SYSTEM (default); password SYS (default); tls off (default)"},
		"what cannot be understood": {machine: machine{out: map[string]string{"iris": "Usage: iris [options]\n", "docker": "db 1972\n"}}, ran: "iris docker",
			want: "host localhost (default); port 1972 (default); namespace USER (default); user _SYSTEM (default); password SYS (default); tls off (default)"},
	} {
		s, err := c.machine.find(t, c.given...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := lines(s); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
		if ran := strings.Join(c.machine.ran, " "); ran != c.ran {
			t.Errorf("%s: ran %q, want %q", name, ran, c.ran)
		}
	}
}

func TestOneOfSeveralServersIsNotChosenByChance(t *testing.T) {
	m := machine{out: map[string]string{"iris": twoInstances, "docker": containers}}
	s, err := m.find(t)
	var e *discover.AmbiguousError
	want := []discover.Found{{Host: "localhost", Port: "1973", From: "iris list, instance TEST-2"}, {Host: "127.0.0.1", Port: "32768", From: "docker ps, container db"}}
	if s != nil || !errors.As(err, &e) || !reflect.DeepEqual(e.Found, want) {
		t.Errorf("%v, %v", s, err)
	}
}

func TestVariablesThatCannotBeAreRefused(t *testing.T) {
	for name, value := range map[string]string{"IRIS_PORT": "0", "IRIS_HOST": "db:1972", "IRIS_HOSTNAME": "a/b"} {
		m := machine{env: map[string]string{name: value}}
		_, err := m.find(t)
		var e *discover.SettingError
		if !errors.As(err, &e) || e.Name != name || e.Value != value {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	for _, port := range []string{"65536", "-1", "x", "01972", "99999999999999999999"} {
		m := machine{env: map[string]string{"IRIS_PORT": port}}
		if _, err := m.find(t); err == nil || err.Error() != "IRIS_PORT="+port+": not a port" {
			t.Errorf("%s: %v", port, err)
		}
	}
}

func TestLookupsSayWhyTheyFoundNothing(t *testing.T) {
	long := strings.Repeat("x", 70000)
	failed := errors.New("exit status 1")
	for name, c := range map[string]struct {
		out  map[string]string
		err  map[string]error
		want []string
	}{
		"not installed":  {want: []string{"iris list: executable file not found in $PATH", "docker ps: executable file not found in $PATH"}},
		"no daemon":      {out: map[string]string{"iris": ""}, err: map[string]error{"docker": failed}, want: []string{"iris list: <nil>", "docker ps: exit status 1"}},
		"too much":       {out: map[string]string{"iris": long, "docker": long}, want: []string{`iris list: not understood: "too long"`, `docker ps: not understood: "too long"`}},
		"other programs": {out: map[string]string{"iris": "\tstatus: running\n", "docker": "db\tnonsense\n"}, want: []string{`iris list: not understood: "\tstatus: running"`, `docker ps: not understood: "nonsense"`}},
		"ports that are none": {out: map[string]string{"iris": "Instance 'A'\n\tstatus: running\n\tSuperServers: 0\n", "docker": "db\t0.0.0.0:0->1972/tcp\n"},
			want: []string{`iris list: not understood: "\tSuperServers: 0"`, `docker ps: not understood: "0.0.0.0:0->1972/tcp"`}},
		"a range that falls": {out: map[string]string{"iris": "", "docker": "db\t0.0.0.0:1973-1971->1973-1971/tcp\n"}, want: []string{"iris list: <nil>", `docker ps: not understood: "0.0.0.0:1973-1971->1973-1971/tcp"`}},
		"ranges":             {out: map[string]string{"iris": "", "docker": "db\t0.0.0.0:1970-1973->1972/tcp\n"}, want: []string{"iris list: <nil>", `docker ps: not understood: "0.0.0.0:1970-1973->1972/tcp"`}},
	} {
		m := machine{out: c.out, err: c.err}
		s, err := m.find(t)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, l := range s.Lookups {
			got = append(got, fmt.Sprintf("%s: %v", l.Command, l.Err))
			if len(l.Servers) > 0 {
				t.Errorf("%s: found %v", name, l.Servers)
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestPortsOfContainersAreReadInEveryForm(t *testing.T) {
	for ports, want := range map[string]string{
		"0.0.0.0:1973->1972/tcp":                        "127.0.0.1:1973",
		":::1973->1972/tcp":                             "127.0.0.1:1973",
		"[::1]:1973->1972/tcp":                          "::1:1973",
		"192.168.0.2:1973->1972/tcp":                    "192.168.0.2:1973",
		"2188/tcp, 0.0.0.0:51000-51002->1971-1973/tcp":  "127.0.0.1:51001",
		"0.0.0.0:1973->1972/udp":                        "",
		"1970-1973/tcp":                                 "",
		"0.0.0.0:52773->52773/tcp, 0.0.0.0:7->1972/tcp": "127.0.0.1:7",
	} {
		m := machine{out: map[string]string{"docker": "db\t" + ports + "\n"}}
		s, err := m.find(t)
		if err != nil || s.Lookups[1].Err != nil {
			t.Errorf("%s: %v, %+v", ports, err, s)
			continue
		}
		got := ""
		for _, f := range s.Lookups[1].Servers {
			got += f.Host + ":" + f.Port
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", ports, got, want)
		}
	}
}

func TestACancelledSearchEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	run := func(ctx context.Context, name string, _ ...string) ([]byte, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if s, err := discover.Find(ctx, nil, func(string) string { return "" }, run); s != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", s, err)
	}
}

func TestURLsThatCannotBeAreRefusedWithoutRepeatingThem(t *testing.T) {
	for url, want := range map[string]string{
		"iris:host":                                "it does not begin with iris://",
		"http://canary@host":                       "it does not begin with iris://",
		"iris://host/NS#canary":                    "it has a blank or a #, which are written %20 and %23",
		"iris://host/can ary":                      "it has a blank or a #, which are written %20 and %23",
		"iris://me:canary%zz@host":                 "a special character in user or password is not escaped: % is written %25, / is %2F, ? is %3F, @ is %40",
		"iris://me:can@ary@host":                   "a special character in user or password is not escaped: % is written %25, / is %2F, ? is %3F, @ is %40",
		"iris://me:canary/x@host":                  "what follows the host is not a port",
		"iris://host:canary":                       "what follows the host is not a port",
		"iris://host:0":                            "what follows the host is not a port",
		"iris://::1":                               "what follows the host is not a port",
		"iris://ho%73t/NS":                         "the host is none",
		"iris://host/NS/canary":                    "there is more than a namespace behind the host",
		"iris://host/NS?tls=on;ca=canary":          "what follows the ? cannot be read",
		"iris://host/NS?canary=1":                  "it has a parameter besides tls and ca",
		"iris://host/NS?tls=on&tls=on":             "its parameter tls has no value, or several",
		"iris://host/NS?ca=":                       "its parameter ca has no value, or several",
		"iris://host/NS?tls=canary":                "tls is on or skip-verify",
		"iris://host/NS?ca=canary":                 "ca is for tls=on",
		"iris://host/NS?tls=skip-verify&ca=canary": "ca is for tls=on",
	} {
		u, err := discover.ParseURL(url)
		var e *discover.URLError
		if !errors.As(err, &e) || e.Reason != want || u != (discover.URL{}) {
			t.Errorf("%s: got %+v, %v, want %q", url, u, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error repeats it", url)
		}
	}
}

func TestPasswordsAreNotPrinted(t *testing.T) {
	m := machine{env: map[string]string{"IRIS_HOST": "::1", "IRIS_PASSWORD": "canary", "IRIS_USERNAME": "a/b", "IRIS_NAMESPACE": "%SYS"}}
	s, err := m.find(t)
	if err != nil {
		t.Fatal(err)
	}
	j, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{s.String(), fmt.Sprintf("%v %+v %#v %s %q", *s, *s, *s, s.Password, s.Password), string(j)} {
		if strings.Contains(text, "canary") {
			t.Errorf("printed: %s", text)
		}
	}
	if want := "iris://a%2Fb@[::1]:1972/%25SYS"; s.String() != want {
		t.Errorf("got %s, want %s", s, want)
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"iris://me:p%40ss@10.0.0.1:1973/%SYS?tls=on&ca=ca.pem", "iris:///NS", "iris://[::1]:1/", "iris://h?tls=skip-verify"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := discover.ParseURL(s)
		if err != nil {
			return
		}
		server, err := discover.Find(t.Context(), []discover.Given{{From: "--to", URL: u}}, func(string) string { return "" },
			func(context.Context, string, ...string) ([]byte, error) { return nil, exec.ErrNotFound })
		if err != nil {
			t.Fatal(err)
		}
		again, err := discover.ParseURL(server.String())
		if err != nil || again.Host != server.Host.Text || again.Port != server.Port.Text || again.Namespace != server.Namespace.Text || again.User != server.User.Text {
			t.Fatalf("%q: %s is read as %+v, %v", s, server, again, err)
		}
	})
}

func FuzzOutput(f *testing.F) {
	for _, s := range []string{twoInstances, olderInstance, containers, "db\t0.0.0.0:51000-51002->1971-1973/tcp\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, out string) {
		m := machine{out: map[string]string{"iris": out, "docker": out}}
		s, err := m.find(t)
		var several *discover.AmbiguousError
		if errors.As(err, &several) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := discover.ParseURL(s.String()); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	})
}
