package engine

import (
	"errors"
	"strconv"
	"time"
)

// option answers Util_GetOption (Class Reference, %SYSTEM.SQL.Util).
func (s *Session) option(option string) (any, error) {
	switch fold(option) {
	case "IDENTITYINSERT":
		return flag(s.identityInsert), nil
	case "AUTOCOMMIT":
		return strconv.Itoa(s.mode), nil
	case "ISOLATIONMODE":
		return strconv.Itoa(s.isolation), nil
	case "PROCESSLOCKTIMEOUT", "LOCKTIMEOUT":
		return strconv.Itoa(int(s.lockTimeout / time.Second)), nil
	case "SELECTMODE":
		return "1", nil
	case "DELIMITEDIDENTIFIERS", "DDLPKEYNOTIDKEY", "DDLNO201", "DDLNO30":
		if v, ok := s.ns.options[fold(option)]; ok {
			return v, nil
		}
		return flag(fold(option) == "DELIMITEDIDENTIFIERS" || fold(option) == "DDLPKEYNOTIDKEY"), nil
	case "FILERREFINTEGRITY", "REFERENTIALCHECKS":
		return "1", nil
	case "DEFAULTSCHEMA":
		return s.defaultSchema(), nil
	case "LOCKTHRESHOLD":
		return strconv.Itoa(lockThreshold), nil
	}
	return nil, fail(-400, "Unknown option '%s'", clean(option))
}

// setOption answers Util_SetOption, which returns 1.
func (s *Session) setOption(option, value string) (any, error) {
	n, err := strconv.Atoi(value)
	switch fold(option) {
	case "IDENTITYINSERT":
		s.identityInsert = n != 0
	case "AUTOCOMMIT":
		if n < 0 || n > 2 {
			err = errors.New("range")
		} else {
			s.mode = n
		}
	case "ISOLATIONMODE":
		s.isolation = n
	case "PROCESSLOCKTIMEOUT", "LOCKTIMEOUT":
		s.lockTimeout = time.Duration(n) * time.Second
	case "SELECTMODE":
		if n != 1 {
			return nil, fail(-400, "only the ODBC select mode is supported")
		}
	default:
		return nil, fail(-400, "Unknown option '%s'", clean(option))
	}
	if err != nil {
		return nil, fail(-400, "Invalid value '%s' of option '%s'", clean(value), clean(option))
	}
	return "1", nil
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}
