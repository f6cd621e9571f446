package wire

// Code is the function code of a request: two bytes, mostly letters.
type Code [2]byte

// String gives the two letters.
func (c Code) String() string { return string(c[:]) }

// The function codes that are used here, as the DB-API client names and sends them.
var (
	HS = Code{'H', 'S'} // handshake
	CN = Code{'C', 'N'} // connect
	DC = Code{'D', 'C'} // disconnect; no reply
	PP = Code{'P', 'P'} // prepare
	DQ = Code{'D', 'Q'} // direct query
	DU = Code{'D', 'U'} // direct update
	PQ = Code{'P', 'Q'} // prepared query
	PU = Code{'P', 'U'} // prepared update
	FD = Code{'F', 'D'} // fetch
	CC = Code{'C', 'C'} // close cursor; no reply
	CU = Code{'C', 'U'} // close statement; no reply
	OE = Code{'O', 'E'} // text of an error
	GG = Code{'G', 'G'} // generated keys
	TC = Code{'T', 'C'} // commit
	TR = Code{'T', 'R'} // roll back
	AF = Code{'A', 'F'} // autocommit off; no reply
	AN = Code{'A', 'N'} // autocommit on; no reply
	RC = Code{'R', 'C'} // read committed; no reply
	RU = Code{'R', 'U'} // read uncommitted; no reply
	CS = Code{'C', 'S'} // close stream; no reply
	RN = Code{'R', 'N'} // reset connection; no reply
	JS = Code{'J', 'S'} // read a stream
	SB = Code{'S', 'B'} // write a piece of a binary stream
	SM = Code{'S', 'M'} // write a piece of a character stream
	YQ = Code{'Y', 'Q'} // ping, from the server
	Y4 = Code{'Y', '4'} // disconnect, from the server
)

// NoReply says whether a server never answers this request. The list is the DB-API client's.
func NoReply(c Code) bool {
	switch c {
	case AF, AN, RC, RU, CC, CS, CU, RN, DC:
		return true
	}
	return false
}

// The statuses of replies. Every other one is the absolute value of an SQLCODE (vendor documentation, "SQL Error
// Messages", RERR_sql).
const (
	StatusOK       uint16 = 0   // more rows may follow
	StatusEnd      uint16 = 100 // end of data; no row affected
	StatusNoStream uint16 = 403 // JS: there is no such stream
	StatusUnknown  uint16 = 404 // the server no longer knows the statement
	StatusSecurity uint16 = 417 // access denied
)
