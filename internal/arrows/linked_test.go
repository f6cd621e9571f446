package arrows

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// linked are the packages that a package brings with it, however indirectly.
func linked(t *testing.T, pkg string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", module+pkg)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

// What tests need stays with tests, and the other way round.
func TestTheDoorsStayLight(t *testing.T) {
	for pkg, unwanted := range map[string][]string{
		"cmd/irisfix": {"testing", "github.com/caretdev/go-irisnative", module + "fixturetest"},
		"fixturetest": {"github.com/spf13/cobra", "github.com/vbauerster/mpb/v8", module + "loader/iris/iristest", module + "cmd/irisfix"},
	} {
		list := linked(t, pkg)
		if !slices.Contains(list, module+pkg) {
			t.Errorf("%s does not bring itself: %v", pkg, list)
		}
		for _, path := range unwanted {
			if slices.Contains(list, path) {
				t.Errorf("%s brings %s", pkg, path)
			}
		}
	}
}
