package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// login tries who may connect.
func login(ctx context.Context, connect open, at string) error {
	u, err := url.Parse(at)
	if err != nil {
		return err
	}
	for _, wrong := range []*url.Userinfo{url.UserPassword(u.User.Username(), "wrong"), url.UserPassword("nobody", "SYS")} {
		w := *u
		w.User = wrong
		j, err := connect(ctx, w.String())
		if err == nil {
			j.close() //nolint:errcheck // it should not be there
			return fmt.Errorf("%s may connect", wrong)
		}
		if !strings.Contains(err.Error(), "Access Denied") {
			return err
		}
	}
	j, err := connect(ctx, at)
	if err != nil {
		return err
	}
	return j.close()
}

func write(ctx context.Context, j judge, schema string, tables []table) error {
	for _, t := range tables {
		name := schema + "." + t.name
		if _, err := j.exec(ctx, "CREATE TABLE "+name+" (N INTEGER PRIMARY KEY, V "+t.sqlType+")"); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		value := "?"
		if t.kind == "vector" {
			value = "TO_VECTOR(?, DOUBLE)"
		}
		for n, v := range t.rows {
			if err := j.insert(ctx, t, "INSERT INTO "+name+" (N, V) VALUES (?, "+value+")", n+1, v); err != nil {
				return fmt.Errorf("%s %d: %w", t.name, n+1, err)
			}
		}
	}
	return nil
}

func read(ctx context.Context, j judge, schema string, tables []table) error {
	var wrong []error
	for _, t := range tables {
		rows, err := j.query(ctx, &t, "SELECT N, V FROM "+schema+"."+t.name+" ORDER BY N")
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if len(rows) != len(t.rows) {
			wrong = append(wrong, fmt.Errorf("%s: %d rows, not %d", t.name, len(rows), len(t.rows)))
			continue
		}
		for n, want := range t.rows {
			if got := rows[n][1]; !same(t.kind, want, got) {
				wrong = append(wrong, fmt.Errorf("%s %d: %s, not %s", t.name, n+1, brief(got), brief(want)))
			}
		}
	}
	return errors.Join(wrong...)
}

// scenario plays scenario.txt.
type scenario struct {
	first, second judge
	connect       func() (judge, error)
}

func play(ctx context.Context, j judge, connect open, at, schema, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	s := scenario{first: j, connect: func() (judge, error) { return connect(ctx, at) }}
	if s.second, err = s.connect(); err != nil {
		return err
	}
	lines := strings.Split(strings.ReplaceAll(string(data), "{s}", schema), "\n")
	for i, line := range lines {
		if line == "" || line[0] == '#' || line[0] == '=' {
			continue
		}
		var rows [][]any
		for _, row := range lines[i+1:] {
			if !strings.HasPrefix(row, "= ") {
				break
			}
			rows = append(rows, valuesOf(row[2:]))
		}
		if err := s.step(ctx, strings.Split(line, "|"), rows); err != nil {
			return fmt.Errorf("scenario.txt:%d: %w", i+1, err)
		}
	}
	return errors.Join(s.first.close(), s.second.close())
}

func valuesOf(row string) (values []any) {
	for _, v := range strings.Split(row, "|") {
		if v == `\N` {
			values = append(values, nil)
		} else {
			values = append(values, v)
		}
	}
	return values
}

func (s *scenario) step(ctx context.Context, args []string, rows [][]any) error {
	switch args[0] {
	case "run":
		_, err := s.first.exec(ctx, args[1])
		return err
	case "count":
		n, err := s.first.exec(ctx, args[2])
		if err == nil && strconv.FormatInt(n, 10) != args[1] {
			err = fmt.Errorf("%d rows, not %s", n, args[1])
		}
		return err
	case "ask":
		return ask(ctx, s.first, args[1], rows)
	case "other":
		return ask(ctx, s.second, args[1], rows)
	case "fail":
		return fail(ctx, s.first, args[1], args[2], args[3])
	case "others":
		return fail(ctx, s.second, args[1], args[2], args[3])
	case "autocommit":
		return s.first.autocommit(ctx, args[1] == "on")
	case "commit":
		return s.first.commit(ctx)
	case "rollback":
		return s.first.rollback(ctx)
	case "leave":
		if err := s.first.close(); err != nil {
			return err
		}
		var err error
		s.first, err = s.connect()
		return err
	}
	return fmt.Errorf("what is %q", args[0])
}

func ask(ctx context.Context, j judge, sql string, want [][]any) error {
	got, err := j.query(ctx, nil, sql)
	if err == nil && !slices.EqualFunc(got, want, slices.Equal) {
		err = fmt.Errorf("%v, not %v", got, want)
	}
	return err
}

// fail runs a statement that must fail with the code and the text, or succeed if the code is 0.
func fail(ctx context.Context, j judge, code, text, sql string) (err error) {
	if strings.HasPrefix(sql, "SELECT") {
		_, err = j.query(ctx, nil, sql)
	} else {
		_, err = j.exec(ctx, sql)
	}
	switch {
	case err == nil && code == "0":
		return nil
	case err == nil:
		return errors.New("must fail")
	case strconv.Itoa(j.code(err)) != code || !strings.Contains(err.Error(), text):
		return err
	}
	return nil
}
