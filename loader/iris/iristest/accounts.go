package iristest

import (
	"slices"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// User is an account of the server.
type User struct {
	Name, Password string
	ChangePassword bool     // has to choose another password before anything else, which a driver cannot do
	Disabled       bool     // exists, but may not connect
	TablesOnly     bool     // may make and drop tables, and administer nothing: no namespaces
	Namespaces     []string // where it may connect; empty: everywhere
}

// DefaultUser is the account that every new container has.
var DefaultUser = User{Name: "_SYSTEM", Password: "SYS"}

// tablePrivileges are those with which any fixture can be loaded (docs/iris.md).
var tablePrivileges = []string{"%CREATE_TABLE", "%ALTER_TABLE", "%DROP_TABLE", "%NOCHECK"}

// refusal is why a login is not accepted: a status, and the text that the reply has in place of an error that could be
// asked for.
type refusal struct {
	status uint16
	text   string
}

// The texts are those that clients show from real servers: "Access Denied" from go-irisnative's tests, the others from
// what users of the drivers report.
var (
	denied         = &refusal{wire.StatusSecurity, "Access Denied"}
	changePassword = &refusal{853, "[SQLCODE: <-853>:<" + engine.Text(-853) + ">]\r\n[Location: <ServerLoop - Connect>]"}
	licenceUsedUp  = &refusal{98, "[SQLCODE: <-98>:<" + engine.Text(-98) + ">]\r\n[Location: <ServerLoop - Connect>]\r\n[%msg: <<LICENSE LIMIT EXCEEDED>>]"}
)

func noNamespace(name string) *refusal {
	return &refusal{400, "[SQLCODE: <-400>:<Fatal error occurred>]\r\n[Location: <ServerLoop - Connect>]\r\n[%msg: <<NAMESPACE>Namespace '" + name + "' does not exist>]"}
}

// authenticate finds the account. Names do not care for case, passwords do (vendor documentation, "User Accounts",
// AAUTHZ). A disabled account is told from a wrong password by no one.
func authenticate(users []User, name, password, namespace string) *refusal {
	i := slices.IndexFunc(users, func(u User) bool { return strings.EqualFold(u.Name, name) })
	switch {
	case i < 0, users[i].Password != password, users[i].Disabled:
		return denied
	case users[i].ChangePassword:
		return changePassword
	case !users[i].allows(namespace):
		return denied
	}
	return nil
}

func (u User) allows(namespace string) bool {
	return len(u.Namespaces) == 0 ||
		slices.ContainsFunc(u.Namespaces, func(n string) bool { return strings.EqualFold(n, namespace) })
}
