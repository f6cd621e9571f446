package explain

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/registry"
)

// Words for what goes wrong with registries.

// answered tells what a registry said.
func answered(e *registry.StatusError) []string {
	lines := []string{fmt.Sprintf("%s answered %d %s", e.Host, e.Status, http.StatusText(e.Status))}
	if words := strings.Trim(e.Code+": "+e.Message, ": "); words != "" {
		lines = append(lines, "in its own words: "+words)
	}
	return lines
}

func statusDetail(e *registry.StatusError) map[string]any {
	return map[string]any{"host": e.Host, "resource": e.Resource, "method": e.Method, "status": e.Status, "code": e.Code}
}

// repository of a resource such as acme/orders/manifests/1.0.0; empty for others.
func repository(e *registry.StatusError) string {
	for _, kind := range []string{"/manifests/", "/blobs/", "/tags/", "/referrers/"} {
		if name, _, ok := strings.Cut(e.Resource, kind); ok {
			return e.Host + "/" + name
		}
	}
	return ""
}

// about is what a user calls the resource that an answer is about.
func about(e *registry.StatusError) string {
	if _, tag, ok := strings.Cut(e.Resource, "/manifests/"); ok {
		separator := ":"
		if strings.Contains(tag, ":") {
			separator = "@"
		}
		return repository(e) + separator + tag
	}
	if _, digest, ok := strings.Cut(e.Resource, "/referrers/"); ok {
		return repository(e) + "@" + digest
	}
	if strings.HasSuffix(e.Resource, "/tags/list") {
		return repository(e)
	}
	if e.Resource == "v2/" {
		return e.Host
	}
	return e.Host + "/" + e.Resource
}

// toFind is what to do when a registry does not have something.
func toFind(e *registry.StatusError) []Step {
	steps := []Step{{"Check registry, repository and tag for typing errors", ""}}
	if r := repository(e); r != "" && !strings.Contains(e.Resource, "/tags/") {
		steps[0] = Step{"See the tags that there are", "irisfix list " + r}
	}
	return append(steps, Step{"Some registries say so of what you may not see; log in", "irisfix login " + e.Host})
}

func sayUnauthorized(err error, in Invocation) Explanation {
	var realm *registry.RealmError
	var credential *registry.CredentialError
	var status *registry.StatusError
	switch {
	case errors.As(err, &realm):
		return Explanation{Subject: realm.Registry, What: []string{
			"the registry sends its users to the token service " + realm.Realm + ", which is not part of it; no credential was sent there"},
			Fix:    []Step{{"Check that the address is the one that you log in to", "irisfix doctor " + realm.Registry}},
			Detail: map[string]any{"registry": realm.Registry, "realm": realm.Realm}}
	case errors.As(err, &credential):
		source := phrase.Path(credential.Source)
		x := Explanation{Subject: credential.Host, What: []string{source + ": " + credential.Reason}, Fix: []Step{
			{"Log in anew", "irisfix login " + orHost(credential.Host)}, {"Or mend " + source, ""}}, Detail: map[string]any{"host": credential.Host, "source": source}}
		if credential.Host == "" {
			x.Subject = source
			x.What = []string{credential.Reason}
		}
		return x
	case errors.As(err, &status):
		x := Explanation{Subject: about(status), What: answered(status), Detail: statusDetail(status), Fix: []Step{
			{"Log in with a user who may do this", "irisfix login " + status.Host}}}
		if status.Host == "ghcr.io" {
			x.Fix = append(x.Fix,
				Step{"In a GitHub workflow give the job \"permissions: packages: write\" (to pull: read), and pass GITHUB_TOKEN to the step", ""},
				Step{"If the package is there already, link it to the repository, with the role Write: Manage Actions access in its settings", ""})
		}
		x.Fix = append(x.Fix, Step{"See which credential is used", "irisfix doctor " + status.Host})
		return x
	}
	return plainly(err, in)
}

func orHost(host string) string {
	if host == "" {
		return "REGISTRY"
	}
	return host
}

func sayUnavailable(err error, in Invocation) Explanation {
	var limit *registry.LimitError
	var status *registry.StatusError
	var network *registry.NetworkError
	var protocol *registry.ProtocolError
	var redirect *registry.RedirectError
	doctor := func(host string) Step { return Step{"See what else is wrong", "irisfix doctor " + host} }
	switch {
	case errors.As(err, &limit):
		return tooLarge(limit)
	case errors.As(err, &status):
		x := Explanation{Subject: about(status), What: answered(status), Detail: statusDetail(status)}
		switch {
		case errors.Is(err, registry.ErrRefused):
			x.Fix = []Step{{"Check the reference; the registry does not take this request", ""}, doctor(status.Host)}
		case status.Status == http.StatusTooManyRequests:
			x.Fix = []Step{{"Try again later; the registry limits how much one may ask", in.line()}, {"Log in: registries allow more to users whom they know", "irisfix login " + status.Host}}
		default:
			x.Fix = []Step{{"Try again later; what is done already is not done twice", in.line()}, doctor(status.Host)}
		}
		return x
	case errors.As(err, &network):
		what, fix := broken(network, in)
		return Explanation{Subject: network.Host, What: []string{what}, Fix: append(fix, doctor(network.Host)),
			Detail: map[string]any{"host": network.Host, "resource": network.Resource}}
	case errors.As(err, &protocol):
		return Explanation{Subject: protocol.Host + "/" + protocol.Resource, What: []string{protocol.Reason}, Fix: []Step{
			{"Check the address: what answers there does not speak as a registry does", ""}, doctor(protocol.Host)},
			Detail: map[string]any{"host": protocol.Host, "resource": protocol.Resource}}
	case errors.As(err, &redirect):
		to := ""
		if redirect.To != "" {
			to = " to " + redirect.To
		}
		return Explanation{Subject: redirect.Host + "/" + redirect.Resource, What: []string{"a redirect" + to + " was not followed: " + redirect.Reason}, Fix: []Step{
			{"Check the address; ask whoever runs the registry", ""}, doctor(redirect.Host)}, Detail: map[string]any{"host": redirect.Host, "to": redirect.To}}
	}
	return plainly(err, in)
}

// tooLarge tells which files a registry would refuse.
func tooLarge(e *registry.LimitError) Explanation {
	what := []string{fmt.Sprintf("%s takes files of at most %s; nothing was sent", e.Host, phrase.Bytes(e.Limit))}
	files := []map[string]any{}
	for _, b := range e.Blobs {
		what = append(what, fmt.Sprintf("%s has %s", phrase.Blob(b), phrase.Bytes(b.Size)))
		files = append(files, map[string]any{"path": b.Annotations[ocispec.AnnotationTitle], "digest": b.Digest.String(), "size": b.Size})
	}
	return Explanation{Subject: e.Host, What: what, Fix: []Step{
		{"Take only the tables that the tests need", "irisfix create --name NAME --output DIR --from TARGET --tables TABLE,TABLE"},
		{"Or spread the data over several smaller databases, a fixture each", ""},
		{"Or push to a registry that takes larger files", ""},
	}, Detail: map[string]any{"host": e.Host, "limit": e.Limit, "files": files}}
}

// broken tells why there was no answer, and what to do.
func broken(e *registry.NetworkError, in Invocation) (string, []Step) {
	var proxy *registry.ProxyError
	var op *net.OpError
	var dns *net.DNSError
	var stall *registry.StallError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var expired x509.CertificateInvalidError
	fixProxy := []Step{{"Check the proxy that HTTPS_PROXY names, or name in NO_PROXY the hosts that need none", ""}}
	switch {
	case errors.As(e.Err, &proxy):
		return fmt.Sprintf("the proxy %s answered %d %s", proxy.Proxy, proxy.Status, http.StatusText(proxy.Status)), fixProxy
	case errors.As(e.Err, &op) && op.Op == "proxyconnect":
		return "the proxy cannot be reached: " + op.Err.Error(), fixProxy
	case errors.As(e.Err, &dns) && dns.IsNotFound:
		return "there is no host of the name " + dns.Name, []Step{{"Check the name for typing errors, and that the network is there", ""}}
	case errors.As(e.Err, &dns):
		return "the name of the host could not be looked up: " + dns.Err, []Step{{"Check that the network is there, and try again", in.line()}}
	case errors.Is(e.Err, syscall.ECONNREFUSED):
		if host, port, _ := net.SplitHostPort(e.Host); host == "localhost" || net.ParseIP(host).IsLoopback() {
			return "nothing listens on " + e.Host, []Step{{"Start a registry there", "irisfix serve --addr " + net.JoinHostPort(host, port)}}
		}
		return "nothing listens on " + e.Host, []Step{{"Check host and port", ""}}
	case errors.As(e.Err, &authority):
		return "its certificate is signed by an authority that this machine does not know", in.plus("Name the authority's certificate", "--ca-file ca.pem")
	case errors.As(e.Err, &hostname):
		return "its certificate is for another host: " + e.Err.Error(), []Step{{"Use the name that the certificate is for", ""}}
	case errors.As(e.Err, &expired):
		return "its certificate is not valid: " + e.Err.Error(), []Step{{"Check the clock of this machine; if it is right, the certificate has to be renewed", ""}}
	case errors.Is(e.Err, http.ErrSchemeMismatch):
		return "it speaks plain http", in.plus("If the network is to be trusted, say so", "--plain-http")
	case errors.As(e.Err, &stall):
		return fmt.Sprintf("nothing came for %s, again and again", stall.After), []Step{
			{"Try again; what has arrived is kept", in.line()}, {"For a slow registry allow more time", "IRISFIX_STALL_TIMEOUT=5m " + in.line()}}
	}
	return "the connection broke off: " + e.Err.Error(), []Step{{"Try again; what is done already is not done twice", in.line()}}
}

func sayOffline(err error, in Invocation) Explanation {
	e, ok := errors.AsType[*registry.OfflineError](err)
	if !ok {
		e = &registry.OfflineError{Subject: in.name()}
	}
	x := Explanation{Subject: in.subject(e.Subject), Detail: map[string]any{"subject": e.Subject}}
	switch in.Command {
	case "pull", "load", "unload", "validate", "info", "diff":
		x.What = []string{"this run is offline, and the cache does not have it"}
		x.Fix = []Step{{"Fetch it where there is a network", strings.TrimSpace("irisfix pull " + in.Arg(0, ""))}, {"Or run without --offline and IRISFIX_OFFLINE", ""}}
	default:
		x.What = []string{"this run is offline, and only the registry can answer"}
		x.Fix = []Step{{"Run without --offline and IRISFIX_OFFLINE", in.with("--offline", "")}}
	}
	if e.Damage != nil {
		x.What = []string{"this run is offline, and the copy in the cache is damaged"}
		x.Detail["quarantine"] = e.Damage.Quarantine
	}
	return x
}
