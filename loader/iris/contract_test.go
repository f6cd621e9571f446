package iris_test

import (
	"testing"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/targettest"
)

// configOf is how to reach a test server, in the namespace USER.
func configOf(t testing.TB, s *iristest.Server) client.Config {
	t.Helper()
	user := iristest.DefaultUser
	return client.Config{Address: s.Addr(), Namespace: "USER", User: user.Name, Password: user.Password}
}

func TestContract(t *testing.T) {
	const (
		reserved = "the name begins with %, which IRIS keeps for itself"
		letters  = "the name has no letter or digit, of which IRIS makes the name of a class"
	)
	text, binary := "row 2, column v: a text of one NUL, which IRIS does not tell from an empty one", "row 2, column v: a binary value of one NUL, which IRIS does not tell from an empty one"
	targettest.Run(t, targettest.Factory{
		New: newDatabase,
		Refuses: map[string]string{
			"BIGINT lowest":                        "row 2, column v: -9223372036854775808, which is out of range for BIGINT",
			"MONEY lowest":                         "row 2, column v: -922337203685477.5808, which is out of range for MONEY(19,4)",
			"SERIAL":                               "row 1, column v: NULL, which IRIS replaces with a number of its own",
			"DECIMAL of 38 digits":                 "column v: DECIMAL(38,0) is beyond IRIS, which has 19 digits before the point and 18 after it",
			"DECIMAL of 38 fractions":              "column v: DECIMAL(38,38) is beyond IRIS, which has 19 digits before the point and 18 after it",
			"a key of decimals":                    "t: column k: DECIMAL(30,2) is beyond IRIS, which has 19 digits before the point and 18 after it",
			"DOUBLE NaN":                           "row 2, column v: NaN, which IRIS is not known to give back",
			"DOUBLE infinite":                      "row 2, column v: an infinity, which IRIS is not known to give back",
			"DOUBLE -0":                            "row 2, column v: -0.0, which IRIS is not known to give back",
			"VARCHAR of one NUL":                   text,
			"LONGVARCHAR of one NUL":               text,
			"BINARY of one NUL":                    binary,
			"VARBINARY of one NUL":                 binary,
			"LONGVARBINARY of one NUL":             binary,
			"VECTOR of doubles in other spellings": `row 2, column v: the element "2.50", which IRIS writes in another way`,
			"table a\"b":                           `the name has ", which IRIS does not take in names`,
			"column a\"b":                          `column a"b: the name has ", which IRIS does not take in names; t: index index a"b: the name has ", which IRIS does not take in names`,
			"column x.y":                           "column x.y: the name has ., which IRIS does not take in names; t: index index x.y: the name has ., which IRIS does not take in names",
			"column SQLUser.T":                     "column SQLUser.T: the name has ., which IRIS does not take in names; t: index index SQLUser.T: the name has ., which IRIS does not take in names",
			"table 🎉":                              letters,
			"column 🎉":                             "column 🎉: " + letters,
			"table %ID":                            reserved,
			"column %ID":                           "column %ID: the name is that of the RowID, which is the first column, BIGINT and in no key",
		},
	})
}
