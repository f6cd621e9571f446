package iristest_test

import (
	"encoding/hex"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// The calls that tools make of themselves, as DB-API 5.4.1 sends classMethodValue.
func TestClassMethodsThatToolsCall(t *testing.T) {
	k := login(t, iristest.New(t, func(o *iristest.Options) {
		o.Engine = engine.Options{Version: "IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2024.1 (Build 263U) Wed Mar 13 2024 15:21:27 EDT"}
	}))
	for _, tt := range []struct {
		class, method string
		args          []string
		status        uint16
		reply         string
	}{
		{"%SYSTEM.Version", "GetNumber", nil, 0xCA00, item("2024.1.0.263.0")},
		{"%SYSTEM.Version", "GetVersion", nil, 0xCA00, item("IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2024.1 (Build 263U) Wed Mar 13 2024 15:21:27 EDT")},
		{"Config.Namespaces", "Exists", []string{"USER"}, 0xCA00, "030401"},
		{"Config.Namespaces", "Exists", []string{"ABSENT"}, 0xCA00, "0204"},
		{"Config.Namespaces", "Delete", []string{"USER"}, 0xCA00 + 1033, item("<CLASS DOES NOT EXIST> *Config.Namespaces")},
		{"%SYSTEM.Version", "GetNumber", []string{"surplus"}, 0xCA00 + 1033, item("<CLASS DOES NOT EXIST> *%SYSTEM.Version")},
	} {
		body := item(tt.class) + item(tt.method) + hex.EncodeToString(wire.AppendInt(nil, int64(len(tt.args))))
		for _, arg := range tt.args {
			body += item(arg)
		}
		if status, reply := k.ask(wire.Code{'K', 0xC2}, 0, body); status != tt.status || reply != tt.reply {
			t.Errorf("%s.%s(%q): status %#x, %s", tt.class, tt.method, tt.args, status, reply)
		}
	}
}

// item is text as an item, in hexadecimal.
func item(s string) string { return hex.EncodeToString(wire.AppendBytes(nil, []byte(s))) }
