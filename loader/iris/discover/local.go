package discover

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Run runs a program and returns what it prints to its standard output. It ends with its context.
type Run func(ctx context.Context, name string, args ...string) ([]byte, error)

// Lookup is what a program that knows servers of this machine said.
type Lookup struct {
	Command string
	Servers []Found
	Err     error // why it said nothing: not installed, failed, or an [*OutputError]; nil: it was understood
}

// Found is a server that runs on this machine.
type Found struct {
	Host, Port string
	From       string // such as: iris list, instance IRIS
}

// ErrElsewhere is the error of a lookup that was not made, because it would show the servers of another machine.
var ErrElsewhere = errors.New("DOCKER_HOST names another machine")

// OutputError reports a line of a program that is not as it is known. Nothing is guessed from such output.
type OutputError struct{ Line string }

func (e *OutputError) Error() string { return fmt.Sprintf("not understood: %q", e.Line) }

const (
	// lookTime is how long a program may take. A Docker without its daemon, or with one far away, can hang.
	lookTime = 5 * time.Second
	// maxOutput is more than a hundred servers need.
	maxOutput = 64 << 10
	// maxLine is how much of a line that was not understood is kept.
	maxLine = 80
)

func lookAround(ctx context.Context, env func(string) string, run Run) []Lookup {
	list := []Lookup{look(ctx, run, parseIrisList, "iris", "list")}
	if host := env("DOCKER_HOST"); host != "" && !strings.HasPrefix(host, "unix://") && !strings.HasPrefix(host, "npipe://") {
		return append(list, Lookup{Command: "docker ps", Err: ErrElsewhere})
	}
	return append(list, look(ctx, run, parseDocker, "docker", "ps", "--no-trunc", "--format", "{{.Names}}\t{{.Ports}}"))
}

func look(ctx context.Context, run Run, parse func(string) ([]Found, error), name string, args ...string) Lookup {
	l := Lookup{Command: name + " " + args[0]}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	out, err := run(ctx, name, args...)
	if err == nil && len(out) > maxOutput {
		err = &OutputError{"too long"}
	}
	if err == nil {
		l.Servers, err = parse(string(out))
	}
	if err != nil {
		l.Servers, l.Err = nil, err
	}
	return l
}

func notUnderstood(line string) error { return &OutputError{line[:min(len(line), maxLine)]} }

// iris list prints a heading for each instance and lines with its properties below. The port is in one of two of them:
// up to 2023 in "conf file: iris.cpf  (SuperServer port = 1972, WebServer = 52773)", later in "SuperServers: 1972".
var (
	instance     = regexp.MustCompile(`^(?:Configuration|Instance) '([A-Za-z0-9_-]+)'`)
	property     = regexp.MustCompile(`^\s+([A-Za-z ]+):\s*(.*)$`)
	inConfFile   = regexp.MustCompile(`\(SuperServer port = (\d+)[,)]`)
	superservers = regexp.MustCompile(`^(\d+)(?:[, ]+\d+)*$`)
)

func parseIrisList(out string) (list []Found, err error) {
	var f Found
	running := false
	flush := func() {
		if running && f.Port != "" {
			list = append(list, f)
		}
		f, running = Found{}, false
	}
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, " \t\r\n")
		if m := instance.FindStringSubmatch(line); m != nil {
			flush()
			f = Found{Host: DefaultHost, From: "iris list, instance " + m[1]}
			continue
		}
		m := property.FindStringSubmatch(line)
		if line == "" {
			continue
		} else if m == nil || f.From == "" {
			return nil, notUnderstood(line)
		}
		port := ""
		switch m[1] {
		case "status":
			running = m[2] == "running" || strings.HasPrefix(m[2], "running,")
		case "conf file":
			if p := inConfFile.FindStringSubmatch(m[2]); p != nil {
				port = p[1]
			}
		case "SuperServers":
			p := superservers.FindStringSubmatch(m[2])
			if p == nil {
				return nil, notUnderstood(line)
			}
			port = p[1]
		}
		if port != "" {
			if !validPort(port) {
				return nil, notUnderstood(line)
			}
			f.Port = port
		}
	}
	flush()
	return list, nil
}

// docker ps prints the name of each container, a tab and its ports with commas between: 0.0.0.0:32768->1972/tcp where
// one is published, 1972/tcp where it is not, and ranges of either.
var (
	published   = regexp.MustCompile(`^(.+):(\d+)(?:-(\d+))?->(\d+)(?:-(\d+))?/(tcp|udp|sctp)$`)
	unpublished = regexp.MustCompile(`^\d+(?:-\d+)?/(?:tcp|udp|sctp)$`)
)

func parseDocker(out string) (list []Found, err error) {
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		name, ports, ok := strings.Cut(line, "\t")
		if !ok || name == "" {
			return nil, notUnderstood(line)
		}
		var first *Found // of IPv4 and IPv6 one is enough
		for port := range strings.SplitSeq(ports, ",") {
			port = strings.TrimSpace(port)
			if port == "" || unpublished.MatchString(port) {
				continue
			}
			f, err := parsePublished(port)
			if err != nil {
				return nil, err
			}
			if first == nil && f.Port != "" {
				first = &f
			}
		}
		if first != nil {
			first.From = "docker ps, container " + name
			list = append(list, *first)
		}
	}
	return list, nil
}

// parsePublished reads where a port is published. The result is empty if it is not that of a superserver.
func parsePublished(text string) (Found, error) {
	m := published.FindStringSubmatch(text)
	if m == nil {
		return Found{}, notUnderstood(text)
	}
	var n [4]int // first and last outside, first and last inside
	for i, digits := range m[2:6] {
		if digits == "" {
			n[i] = n[i-1]
		} else if !validPort(digits) {
			return Found{}, notUnderstood(text)
		} else {
			n[i], _ = strconv.Atoi(digits)
		}
	}
	host, err := netip.ParseAddr(strings.Trim(m[1], "[]"))
	if err != nil || n[1]-n[0] != n[3]-n[2] || n[1] < n[0] {
		return Found{}, notUnderstood(text)
	}
	inside, _ := strconv.Atoi(DefaultPort)
	if m[6] != "tcp" || inside < n[2] || inside > n[3] {
		return Found{}, nil
	}
	if host.IsUnspecified() {
		host = netip.AddrFrom4([4]byte{127, 0, 0, 1}) // Docker Desktop does not listen at every address of localhost
	}
	return Found{Host: host.String(), Port: strconv.Itoa(n[0] + inside - n[2])}, nil
}
