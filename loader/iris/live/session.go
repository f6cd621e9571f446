package live

import (
	"errors"
	"fmt"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

var sessionQuestions = []Question{
	{"versions of the protocol above 65", "the server takes a lower one if it is offered; the replies have no further fields that matter", "", newerVersion, "65 is offered"},
	{"isolation levels in CN", "1 is read uncommitted, 2 is read committed", "", isolation, "1 is sent"},
	{"refused logins", "a wrong password and an unknown user cannot be told apart; a namespace that is absent is said",
		"The advice that irisfix gives; whether a namespace is there.", refusedLogins, ""},
	{connectionsTopic, "8 with the licence of the Community Edition; the refusal says LICENSE LIMIT EXCEEDED",
		"The advice when the licence is used up; at most three are opened.", licence, ""},
	{"what is said when the password must be changed", "SQLCODE -853", "The advice that irisfix gives.", nil,
		"it takes an account whose password must be changed; connect as one to see"},
	{"a disconnect in a transaction", "rolls it back", "A load that is killed leaves nothing.", disconnect, ""},
}

func newerVersion(b *bench) (Answer, error) {
	r, err := b.raw(80, wire.ReadUncommitted)
	if err != nil {
		return told(false, "80 is offered: "+brief(err.Error()))
	}
	h, err := wire.ParseHandshakeReply(r.hello.body)
	if err != nil {
		return Answer{}, err
	}
	items := 0
	for in := wire.NewReader(r.login.body); in.More(); items++ {
		if _, err := in.Next(); err != nil {
			return Answer{}, err
		}
	}
	_, _, rows, err := r.query("SELECT 1", 0)
	if err != nil {
		return Answer{}, err
	}
	return told(h.Version >= wire.Version && items == 7 && !rows.failed(),
		fmt.Sprintf("80 is offered, %d taken; HS reply %s; the CN reply has %d items; SELECT 1: %v", h.Version, hexed(r.hello.body), items, rows))
}

func isolation(b *bench) (Answer, error) {
	b.run("CREATE TABLE QIsolation (v INTEGER)", "START TRANSACTION", "INSERT INTO QIsolation (v) VALUES (1)")
	if b.err != nil {
		return Answer{}, b.err
	}
	var said []string
	right := true
	for _, level := range []int{wire.ReadUncommitted, wire.ReadCommitted} {
		r, err := b.raw(wire.Version, level)
		if err != nil {
			return Answer{}, err
		}
		in, err := wire.ParseConnectReply(r.login.body, r.chars)
		if err != nil {
			return Answer{}, err
		}
		if _, err := r.update("SET OPTION LOCK_TIMEOUT = 1", wire.KeysDefault); err != nil {
			return Answer{}, err
		}
		_, metadata, rows, err := r.query("SELECT v FROM QIsolation", 0)
		if err != nil {
			return Answer{}, err
		}
		if metadata.failed() {
			rows = metadata
		}
		right = right && in.Isolation == level
		said = append(said, fmt.Sprintf("%d is answered with %d, a row that is not committed with %v", level, in.Isolation, rows))
	}
	return told(right, strings.Join(said, "; "))
}

func refusedLogins(b *bench) (Answer, error) {
	wrong, unknown, absent := b.config, b.config, b.config
	wrong.Password += "x"
	unknown.User = "IrisFixNobody"
	absent.Namespace = Prefix + "ABSENT"
	var said []string
	reasons := map[string]client.Reason{}
	for _, try := range []struct {
		name string
		cfg  client.Config
	}{{"wrong password", wrong}, {"unknown user", unknown}, {"absent namespace", absent}} {
		_, err := b.connect(try.cfg)
		var refused *client.LoginError
		if !errors.As(err, &refused) {
			return told(false, fmt.Sprintf("%s: %v", try.name, err))
		}
		reasons[try.name] = refused.Reason()
		said = append(said, fmt.Sprintf("%s: status %d, %q", try.name, -refused.Code, brief(refused.Text)))
	}
	denied := func(r client.Reason) bool { return r == client.AccessDenied || r == client.WrongPassword }
	return told(denied(reasons["wrong password"]) && denied(reasons["unknown user"]) && reasons["absent namespace"] == client.NoNamespace, strings.Join(said, "; "))
}

// connectionsTopic is the question whose answer tells the edition.
const connectionsTopic = "how many connections there may be"

// enough is where the counting of connections ends: a server with a licence of its own has more than that.
const enough = 12

func licence(b *bench) (Answer, error) {
	for n := 1; n < enough; n++ {
		_, err := b.connect(b.config)
		var refused *client.LoginError
		if errors.As(err, &refused) {
			said := fmt.Sprintf("connection %d beside those of others: status %d, %q", n+1, -refused.Code, brief(refused.Text))
			return told(refused.Reason() == client.LicenceExceeded, said)
		}
		if err != nil {
			return told(false, fmt.Sprintf("connection %d: %v", n+1, err))
		}
	}
	return Answer{fmt.Sprintf("%d connections were taken, and no more tried", enough), Unsettled}, nil
}

func disconnect(b *bench) (Answer, error) {
	b.run("CREATE TABLE QGone (v INTEGER)")
	other, err := b.connect(b.config)
	if err != nil {
		return Answer{}, err
	}
	other.run("START TRANSACTION", "INSERT INTO QGone (v) VALUES (1)", "LOCK TABLE QGone IN EXCLUSIVE MODE")
	if other.err != nil {
		return Answer{}, other.err
	}
	before := b.see("SELECT v FROM QGone")
	if err := other.Close(); err != nil {
		return Answer{}, err
	}
	locked := b.try("LOCK TABLE QGone IN EXCLUSIVE MODE WAIT 20")
	after := b.see("SELECT v FROM QGone")
	return told(after == "no row" && locked == done,
		fmt.Sprintf("another sees before: %s; the lock, waited for 20 s: %s; after: %s", before, locked, after))
}
