package iristest_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// catalogue asks a function of the catalogue and gives the columns that are wanted of each row.
func (k *talker) catalogue(code string, args []string, columns ...string) (rows []string) {
	k.t.Helper()
	values := wire.NewValues(len(args), wire.Unicode)
	for _, arg := range args {
		if err := values.SQLText(arg); err != nil {
			k.t.Fatal(err)
		}
	}
	body, err := wire.Execute{Values: values}.Append(nil, wire.Unicode)
	if err != nil {
		k.t.Fatal(err)
	}
	status, reply := k.ask(wire.Code([]byte(code)), 9, strings.TrimSuffix(hex.EncodeToString(body), "02040204"))
	if status != 0 {
		k.t.Fatalf("%s: status %d, %s", code, status, k.why(9, status))
	}
	// An integer, and columns as in the reply to GG, of which this has no keys yet.
	r := wire.NewReader(unhex(k.t, reply))
	if _, err := r.Int(); err != nil {
		k.t.Fatal(err)
	}
	m, err := wire.ParseGeneratedKeys(r.Rest(), wire.Unicode)
	if err != nil {
		k.t.Fatal(err)
	}
	status, reply = k.receive(9)
	for all := wire.NewReader(unhex(k.t, reply)); all.More(); {
		values := map[string]string{}
		for _, c := range m.Columns {
			it, err := all.Next()
			if err != nil {
				k.t.Fatal(err)
			}
			values[c.Name] = shown(k.t, it)
		}
		var row []string
		for _, c := range columns {
			row = append(row, values[c])
		}
		rows = append(rows, strings.Join(row, "|"))
	}
	if status != 100 {
		k.t.Fatalf("%s: status %d after the rows", code, status)
	}
	return rows
}

func shown(t testing.TB, it wire.Item) string {
	if it.Null() {
		return "NULL"
	}
	if n, err := it.Int(); err == nil {
		return fmt.Sprint(n)
	}
	s, err := it.SQLText(wire.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The arguments are those that JDBC 3.10.3 sends.
func TestTheCatalogueOfTheJDBCDriver(t *testing.T) {
	k := login(t, iristest.New(t))
	k.run("CREATE TABLE S.P (Code VARCHAR(20) NOT NULL, CONSTRAINT PKey PRIMARY KEY (Code))")
	k.run("CREATE TABLE S.C (Id INTEGER IDENTITY, Parent VARCHAR(20), Amount NUMERIC(10,2), Made DATE, Once VARCHAR(5), " +
		"CONSTRAINT OnlyOnce UNIQUE (Once), CONSTRAINT Parents FOREIGN KEY (Parent) REFERENCES S.P (Code) ON DELETE CASCADE)")
	k.run("CREATE INDEX ByAmount ON S.C (Amount)")
	k.run("CREATE VIEW S.V AS SELECT Code FROM S.P")
	all := "TABLE, VIEW, GLOBAL TEMPORARY, SYSTEM TABLE, SYSTEM VIEW"
	for _, tt := range []struct {
		code    string
		args    []string
		columns []string
		want    []string
	}{
		{"SC", []string{"S"}, []string{"TABLE_SCHEM", "TABLE_CATALOG"}, []string{"S|NULL"}},
		{"TA", []string{"%", all, "S"}, []string{"TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE"}, []string{"S|C|TABLE", "S|P|TABLE", "S|V|VIEW"}},
		{"TA", []string{"%", "VIEW", "S"}, []string{"TABLE_NAME"}, []string{"V"}},
		{"TA", []string{"c%", "TABLE,VIEW", "s"}, []string{"TABLE_NAME"}, []string{"C"}},
		{"CO", []string{"C", "%", "S"}, []string{"COLUMN_NAME", "DATA_TYPE", "TYPE_NAME", "COLUMN_SIZE", "DECIMAL_DIGITS", "NULLABLE", "ORDINAL_POSITION"},
			[]string{"Id|4|INTEGER|10|0|0|1", "Parent|12|VARCHAR|20|NULL|1|2", "Amount|2|NUMERIC|10|2|1|3", "Made|91|DATE|NULL|NULL|1|4", "Once|12|VARCHAR|5|NULL|1|5"}},
		{"CO", []string{"%", "Code", "S"}, []string{"TABLE_NAME"}, []string{"P", "V"}},
		{"PK", []string{"P", "S"}, []string{"COLUMN_NAME", "KEY_SEQ", "PK_NAME"}, []string{"Code|1|PKey"}},
		{"IK", []string{"C", "S"}, []string{"PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ", "UPDATE_RULE", "DELETE_RULE", "FK_NAME", "PK_NAME"},
			[]string{"P|Code|C|Parent|1|3|0|Parents|PKey"}},
		{"EK", []string{"P", "S"}, []string{"FKTABLE_NAME", "FK_NAME"}, []string{"C|Parents"}},
		{"CR", []string{"P", "C", "S", "S"}, []string{"FKTABLE_NAME", "FK_NAME"}, []string{"C|Parents"}},
		{"CR", []string{"C", "P", "S", "S"}, []string{"FKTABLE_NAME"}, nil},
	} {
		if got := k.catalogue(tt.code, tt.args, tt.columns...); !slices.Equal(got, tt.want) {
			t.Errorf("%s%q: %q, want %q", tt.code, tt.args, got, tt.want)
		}
	}
	unique := k.catalogue("II", []string{"C", "S", "0"}, "INDEX_NAME", "COLUMN_NAME", "NON_UNIQUE")
	both := k.catalogue("II", []string{"C", "S", "1"}, "INDEX_NAME", "COLUMN_NAME", "NON_UNIQUE")
	if slices.Contains(unique, "ByAmount|Amount|1") || !slices.Contains(unique, "OnlyOnce|Once|0") || !slices.Contains(both, "ByAmount|Amount|1") {
		t.Errorf("indexes: %q, %q", unique, both)
	}
	if status, _ := k.ask(wire.Code{'T', 'A'}, 9, "030401 030401 030125"); status != 400 {
		t.Errorf("with one argument: status %d", status)
	}
}
