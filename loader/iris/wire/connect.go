package wire

// Autocommit and isolation of [Connect], as the DB-API client sends them. The meaning of the isolation levels follows
// the JDBC constants.
const (
	AutocommitOn    = 1
	AutocommitOff   = 2
	ReadUncommitted = 1
	ReadCommitted   = 2
)

// Feature options of a connection, bits. The client asks for them and the server grants some. Fast select and fast
// insert change the layout of metadata and rows (vendor documentation, "Fast Insert", RSQL_insert_fast); redirected
// output lets the server start messages of its own.
const (
	FeatureFastSelect     = 1
	FeatureFastInsert     = 2
	FeatureDurable        = 4
	FeatureNotNullable    = 8
	FeatureRedirectOutput = 32
)

// Connect is the body of a CN request. User and Password are plain here and scrambled on the wire. What the client says
// about itself (OSUser to ServerAddress) is informational.
type Connect struct {
	Namespace, User, Password string
	OSUser, Host, Application string
	MachineInfo               []byte
	ServerAddress             string
	EventClass                string
	Autocommit, Isolation     int
	Features                  int
}

// Append appends the body.
func (m Connect) Append(dst []byte, c *Charset) ([]byte, error) {
	e := encoder{dst: dst, message: "CN request", charset: c}
	e.text("namespace", m.Namespace)
	e.scrambled("user", m.User)
	e.scrambled("password", m.Password)
	e.text("OS user", m.OSUser)
	e.text("host", m.Host)
	e.text("application", m.Application)
	e.dst = AppendBytes(e.dst, m.MachineInfo)
	e.text("server address", m.ServerAddress)
	if m.EventClass == "" {
		e.dst, _ = AppendSQLBytes(e.dst, nil) // the empty value, not NULL, as the DB-API client does
	} else {
		e.text("event class", m.EventClass)
	}
	e.int(m.Autocommit)
	e.int(m.Isolation)
	e.int(m.Features)
	return e.done(len(dst))
}

func (e *encoder) scrambled(part, s string) {
	if e.err != nil {
		return
	}
	it, err := Scramble(s, e.charset)
	if err != nil {
		e.err = &MessageError{e.message, part, err}
		return
	}
	e.dst = AppendItem(e.dst, it)
}

// ParseConnect reads the body of a CN request.
func ParseConnect(body []byte, c *Charset) (Connect, error) {
	d := decode("CN request", body, c)
	m := Connect{
		Namespace: d.text("namespace"), User: d.scrambled("user"), Password: d.scrambled("password"),
		OSUser: d.text("OS user"), Host: d.text("host"), Application: d.text("application"),
		MachineInfo: d.bytes("machine info"), ServerAddress: d.text("server address"),
		EventClass: d.sqlText("event class"),
		Autocommit: d.int("autocommit"), Isolation: d.int("isolation"), Features: d.int("features"),
	}
	return m, d.end()
}

func (d *decoder) scrambled(part string) string {
	it := d.item(part)
	s, err := Unscramble(it, d.charset)
	d.fail(part, err)
	return s
}

func (d *decoder) sqlText(part string) string {
	it := d.item(part)
	s, err := it.SQLText(d.charset)
	d.fail(part, err)
	return s
}
