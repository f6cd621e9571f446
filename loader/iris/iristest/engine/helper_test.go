package engine

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// open starts an instance whose clock stands at 2026-01-02 03:04:05.678901.
func open(t *testing.T, o Options) *System {
	t.Helper()
	o.Now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC) }
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func connect(t *testing.T, s *System) *Session {
	t.Helper()
	session, err := s.Connect(t.Context(), "USER", "_SYSTEM")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

// outcome runs a statement and writes down what came of it: rows with | between values, a count, or the error's code
// and %msg.
func outcome(t *testing.T, s *Session, sql string, args ...any) string {
	t.Helper()
	st, err := s.Prepare(t.Context(), sql)
	if err != nil {
		return failure(err)
	}
	defer st.Close()
	if st.Columns() == nil {
		n, err := st.Exec(t.Context(), args)
		if err != nil {
			return failure(err)
		}
		return fmt.Sprintf("%d", n)
	}
	rows, err := st.Query(t.Context(), args)
	if err != nil {
		return failure(err)
	}
	var lines []string
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return strings.Join(lines, "\n")
		}
		if err != nil {
			return failure(err)
		}
		var values []string
		for _, v := range row {
			values = append(values, shownValue(v))
		}
		lines = append(lines, strings.Join(values, "|"))
	}
}

func shownValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + v + "'"
	case []byte:
		return fmt.Sprintf("x%x", v)
	case Decimal:
		return v.String()
	case float64:
		return fmt.Sprintf("%ge", v)
	case Stream:
		return "stream"
	}
	return fmt.Sprint(v)
}

func failure(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return fmt.Sprintf("%d:%s", e.Code, e.Detail)
	}
	return "error: " + err.Error()
}

// step is a statement and what must come of it.
type step struct {
	sql  string
	want string
	args []any
}

func walk(t *testing.T, s *Session, steps []step) {
	t.Helper()
	for _, st := range steps {
		if got := outcome(t, s, st.sql, st.args...); got != st.want {
			t.Errorf("%s\n got  %s\n want %s", st.sql, got, st.want)
		}
	}
}
