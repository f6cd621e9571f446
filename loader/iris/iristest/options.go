package iristest

import (
	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
)

// Options say what a server is like. The zero value is a Unicode server on a free port of loopback, where the user
// _SYSTEM has the password SYS, as in a new container.
type Options struct {
	Addr        string // to listen on; empty: 127.0.0.1:0
	TLS         bool   // implicit TLS with a certificate made for this server, see [Server.Roots]
	Users       []User // empty: [DefaultUser]
	Connections int    // how many may be logged in at once; 0: no limit, [Community]: what the free licence allows

	PageRows  int // rows in a message; 0: as many as fit PageBytes
	PageBytes int // a message of rows ends above that many bytes; 0: 32 KiB
	// Fragment is after how many bytes of body a reply is continued in another message; 0: never. Rows that more are to
	// follow are left whole: the DB-API driver 5.4.1 takes each of their fragments for a page, whereas it joins all
	// others, and the JDBC driver joins all. See also [Fragments], which is for any reply.
	Fragment int

	Locale       string // as told in the handshake; empty: UNICODE
	EightBit     bool   // not a Unicode server: text is in the code page of Locale
	PlainDoubles bool   // compact doubles are not offered
	LogicalDates bool   // dates, times and timestamps as 1091, 1092 and 1093 instead of text
	TextNumbers  bool   // numbers as text, as IRIS writes them
	LongItems    bool   // each value in a longer form than needed: medium for short, long for medium
	Batch        Batch  // what becomes of the other sets of a batch when one fails

	// Features is which of the client's feature options are granted; nil: 1 (fast select), since go-irisnative cannot
	// do without. It changes no rows: each statement says that it does not use it.
	Features *uint32

	Engine engine.Options
	System *engine.System // serve this instance, which stays open when the server closes; nil: a new one
	Fault  Fault          // what goes wrong; see also [Server.Play]
}

// Community is how many connections the licence of the Community Edition allows (vendor documentation, "InterSystems
// IRIS Community Edition", ACOMM).
const Community = 8

const (
	defaultAddr      = "127.0.0.1:0"
	defaultLocale    = "UNICODE"
	defaultPageBytes = 32 << 10
	grantedByDefault = 1
)

// Batch is what a server does with the parameter sets of one request when one of them fails. No document says it. The
// reply has the status of the first failure, and a number for each set: the JDBC driver reads that many or none, the DB-API
// drivers read that many whatever there is. It is the count of rows, or -3 for a set that failed or was not carried out.
type Batch int

const (
	// BatchContinues carries out all other sets.
	BatchContinues Batch = iota
	// BatchStops keeps the sets before the failure and does not begin those after.
	BatchStops
	// BatchUndoes takes back the sets before the failure, unless a transaction is open: then they stay in it.
	BatchUndoes
)

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	if o.Addr == "" {
		o.Addr = defaultAddr
	}
	if len(o.Users) == 0 {
		o.Users = []User{DefaultUser}
	}
	if o.Locale == "" {
		o.Locale = defaultLocale
	}
	if o.PageBytes <= 0 {
		o.PageBytes = defaultPageBytes
	}
	if o.Features == nil {
		granted := uint32(grantedByDefault)
		o.Features = &granted
	}
	return o
}
