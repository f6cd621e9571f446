package explain

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// Words for what an InterSystems IRIS server says, and for what keeps it from being reached.

// unexpire makes the passwords of a container image usable, which are to be changed at the first login.
const unexpire = `iris session IRIS -U %SYS '##class(Security.Users).UnExpireUserPasswords("*")'`

// loginAdvice is by reason of the refusal.
var loginAdvice = map[client.Reason][]Step{
	client.WrongPassword: {{"Check user and password; the password can come from the environment instead of the URL", "export IRIS_PASSWORD=..."}},
	client.AccessDenied: {{"Check user and password", "export IRIS_USERNAME=... IRIS_PASSWORD=..."},
		{"See that the account is enabled and may use the namespace, and that the service %Service_Bindings is enabled", ""}},
	client.PasswordExpired: {{"Change the password, or on a server for tests make all passwords of the image usable", unexpire}},
	client.LicenceExceeded: {{"Close other connections and try again: the Community Edition allows 8, of which irisfix uses one", ""}},
	client.NoNamespace: {{"Check the name of the namespace", "irisfix doctor"},
		{"Or let irisfix make it, for load", "--namespace NAME --create-namespace"}},
	client.Refused: {{"Look into messages.log of the server for the reason", ""}},
}

// sqlAdvice is by SQLCODE ("InterSystems IRIS Error Reference", SQL Error Messages).
var sqlAdvice = []struct {
	codes []int
	steps []Step
}{
	{[]int{-99}, []Step{{"Let an administrator grant what is missing; docs/iris.md lists the privileges of each command", ""}}},
	{[]int{-98}, loginAdvice[client.LicenceExceeded]},
	{[]int{-110, -114}, []Step{{"Wait for the other session, or end it, and try again", ""}}},
	{[]int{-104, -105}, []Step{{"Compare type and length of the columns with those of the fixture (VARCHAR without a length has 1)", ""}}},
	{[]int{-108}, []Step{{"Give the column a default in the target, or take it into the fixture", ""}}},
	{[]int{-111}, []Step{{"Let the account execute %SYSTEM_SQL.Util_SetOption, which allows row ids to be given", ""}}},
	{[]int{-119, -120}, []Step{{"Look for rows that differ in letter case only: unique keys of IRIS do not tell case apart, unless the column has COLLATE %EXACT", ""}}},
	{[]int{-121, -122, -123, -124}, []Step{{"Load the tables that these refer to as well", ""}}},
	{[]int{-130, -131, -132, -133, -134, -135}, []Step{{"Look at the triggers of the table: one of them refused the row", ""}}},
	{[]int{-300}, []Step{{"Set DdlAllowed in the class of the table, or load under another schema", "--schema-map OLD=NEW"}}},
	{[]int{-312}, []Step{{"Load under another schema: this one is reserved", "--schema-map OLD=NEW"}}},
	{[]int{-320, -321}, []Step{{"Drop the foreign key or the view that needs the table, or unload its fixture first", ""}}},
	{[]int{-30, -23, -29, -1, -12, -25}, []Step{{"Check the names in the query, with their schema", ""}}},
	{[]int{-413}, []Step{{"Tell the project which version of InterSystems IRIS this is: irisfix speaks protocol 65", ""}}},
	{[]int{-400, -415}, []Step{{"Look into messages.log of the server", ""}}},
}

// irisAdvice is what helps against what a server says, or against what keeps it from being reached; nil if nothing is
// known.
func irisAdvice(err error, in Invocation) []Step {
	if refused, ok := errors.AsType[*client.LoginError](err); ok {
		if refused.Reason() == client.LicenceExceeded && in.Call != nil {
			return []Step{{"Run fewer tests at once: the Community Edition allows 8 connections", "go test -parallel 4"}}
		}
		return loginAdvice[refused.Reason()]
	}
	if refused, ok := errors.AsType[*client.SQLError](err); ok {
		for _, a := range sqlAdvice {
			if slices.Contains(a.codes, refused.Code) {
				return a.steps
			}
		}
		return nil
	}
	return wayAdvice(err, in)
}

// wayAdvice is about the way to the server.
func wayAdvice(err error, in Invocation) []Step {
	_, notFound := errors.AsType[*net.DNSError](err)
	_, header := errors.AsType[tls.RecordHeaderError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, name := errors.AsType[x509.HostnameError](err)
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return []Step{{"Start the server, or name the database", in.naming()}}
	case notFound:
		return []Step{{"Check the host", ""}}
	case header:
		return []Step{{"Leave out ?tls=on: this port speaks no TLS", ""}}
	case unknown:
		return []Step{{"Name the file of the authority that signed the server's certificate", "?tls=on&ca=FILE"}}
	case name, verify:
		return []Step{{"Use the name of the server that is in its certificate", ""}}
	case errors.Is(err, client.ErrLost):
		return []Step{{"See that this is the superserver port of IRIS, and whether it wants TLS", "?tls=on"}}
	}
	return nil
}

// naming is how a database is named.
func (in Invocation) naming() string {
	const url = "iris://USER@HOST:PORT/NAMESPACE"
	switch {
	case in.Call != nil:
		return "export IRISFIX_TARGET=" + url
	case in.Command == "create":
		return "--from " + url + ", or --from sqlite:PATH"
	}
	return "--to " + url + ", or --to sqlite:PATH"
}

// irisWhat is the error in words: what the server said on lines of its own.
func irisWhat(err error) []string {
	if refused, ok := errors.AsType[*client.LoginError](err); ok && refused.Text != "" {
		return []string{"the server refused the login", serverText(refused.Text)}
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return []string{"nothing listens there"}
	}
	return []string{err.Error()}
}

// serverText is a text of a server, which may have several lines.
func serverText(s string) string { return strings.Join(strings.Fields(s), " ") }

// irisDetail adds what a program would ask for.
func irisDetail(err error, detail map[string]any) {
	if refused, ok := errors.AsType[*client.LoginError](err); ok {
		detail["sqlcode"], detail["server"] = refused.Code, refused.Text
	} else if refused, ok := errors.AsType[*client.SQLError](err); ok {
		detail["sqlcode"], detail["server"] = refused.Code, refused.Text
	}
}

// sayNamespace is about a namespace that is to be made or dropped.
func sayNamespace(e *iris.NamespaceError, in Invocation) Explanation {
	x := Explanation{Subject: "namespace " + e.Name, What: []string{string(e.Problem)}, Detail: map[string]any{"namespace": e.Name}}
	if e.Err != nil {
		x.What = append(x.What, serverText(e.Err.Error()))
	}
	irisDetail(e, x.Detail)
	switch e.Problem {
	case iris.Foreign:
		x.Fix = []Step{{"Name another namespace, which irisfix makes", "--namespace NAME --create-namespace"}}
		switch in.Command {
		case "sandbox remove":
			x.Fix = []Step{{"Drop it by other means if nobody needs it", ""}}
		case "load":
			x.Fix = append(x.Fix, Step{"Or load into it as it is, without --create-namespace", ""})
		}
	case iris.InUse:
		x.Fix = []Step{{"Close the connections to it, and try again", in.line()}}
	case iris.Absent:
		x.Fix = []Step{{"Check the name", "irisfix doctor"}}
	case iris.BadName:
		x.Fix = []Step{{"Use letters and digits, a letter first, at most 63", ""}}
	}
	return x
}
