package iris_test

import (
	"fmt"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/client"
	"context"
	"os"
	"strings"
)

func TestDebug(t *testing.T) {
	s := iristest.New(t)
	cfg := configOf(t, s)
	b, _ := os.ReadFile("/tmp/t/sql.txt")
	c, err := client.Connect(context.Background(), cfg)
	if err != nil { t.Fatal(err) }
	for _, q := range strings.Split(string(b), ";\n") {
		q = strings.TrimSpace(q)
		if q == "" { continue }
		if strings.HasPrefix(q, "SELECT") {
			rows, err := c.Query(context.Background(), q)
			if err != nil { fmt.Println(q, "=>", err); continue }
			for {
				row, err := rows.Next(context.Background())
				if err != nil { fmt.Println(err); break }
				for i, it := range row { x, _ := it.SQLText(c.Charset()); if it.Null() { x = "NULL" }; fmt.Printf("%s=%q ", rows.Columns()[i].Label, x) }
				fmt.Println()
			}
		} else {
			n, err := c.Exec(context.Background(), q)
			fmt.Println(q, "=>", n, err)
		}
	}
}
