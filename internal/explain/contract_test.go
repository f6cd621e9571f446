package explain

import "testing"

// contract is the table of exit codes that programs rely on. It is written down here a
// second time, so that a number or a name cannot change by accident.
var contract = []struct {
	code int
	name string
}{
	{1, "not-found"}, {2, "checksum-mismatch"}, {3, "table-not-found"}, {4, "connection-failed"}, {5, "load-failed"},
	{6, "registry-unavailable"}, {7, "unauthorized"}, {8, "pin-violation"}, {9, "fixture-invalid"}, {10, "target-conflict"},
	{11, "rollback-failed"}, {12, "local-io"}, {13, "not-cached"}, {64, "usage"}, {70, "internal"}, {130, "interrupted"}, {143, "interrupted"},
}

func TestClassesAreThoseOfTheContract(t *testing.T) {
	have := map[int]string{}
	for _, c := range classes {
		if _, twice := have[c.Code]; twice {
			t.Errorf("two classes have the number %d", c.Code)
		}
		have[c.Code] = c.Name
		if c.When == "" || c.match == nil || c.say == nil {
			t.Errorf("class %s is incomplete", c.Name)
		}
	}
	for _, c := range contract {
		if have[c.code] != c.name {
			t.Errorf("%d is %q, want %q", c.code, have[c.code], c.name)
		}
		delete(have, c.code)
	}
	for code, name := range have {
		t.Errorf("%d %s is not in the contract", code, name)
	}
	if unclassified.Code != 70 || unclassified.Name != "internal" {
		t.Errorf("what nobody thought of is %d %s", unclassified.Code, unclassified.Name)
	}
}
