package manual

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// tree has in it what an escape could be forgotten for.
func tree() *cobra.Command {
	run := func(*cobra.Command, []string) {}
	root := &cobra.Command{Use: "tool", Short: "Does it", Long: "Does it.\n\nAnd more,\n.so on\n'til done:\n\n  | as | it |\n\n    stands_here\n\nThe *end*.", Run: run}
	root.PersistentFlags().Bool("json", false, "print one JSON object")
	root.AddGroup(&cobra.Group{ID: "a", Title: "First:"})
	low := &cobra.Command{Use: "low", Short: "Below `all`", Run: run, Example: "  tool mid low \"a\\b\" ~/x-y | z"}
	low.Flags().StringArrayP("table", "t", nil, "a table; a|b, <c>")
	low.Flags().Int("count", 4, "how many `N` – or more")
	low.Flags().String("secret", "", "")
	low.Flags().Lookup("secret").Hidden = true
	mid := &cobra.Command{Use: "mid", Short: "Groups", GroupID: "a"}
	mid.AddCommand(low)
	root.AddCommand(mid, &cobra.Command{Use: "unseen", Hidden: true, Run: run}, &cobra.Command{Use: "topic", Short: "What it means", Long: "  A  1\n  B  22"})
	return root
}

func TestPagesAreAsWritten(t *testing.T) {
	pages := append(Markdown(tree()), Man(tree(), "v1.2.3", time.Unix(1767225600, 0))...)
	for _, p := range pages {
		path := filepath.Join("testdata", p.Name)
		want, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v; it would be\n%s", err, p.Data)
		} else if string(p.Data) != string(want) {
			t.Errorf("%s is\n%s\nwant\n%s", p.Name, p.Data, want)
		}
	}
	if len(pages) != 8 {
		t.Errorf("%d pages, want 4 of each kind", len(pages))
	}
}

func TestAPageHasNoDateIfNoneIsKnown(t *testing.T) {
	const want = ".TH \"TOOL\" \"1\" \"\" \"tool devel\" \"User Commands\"\n"
	if got := string(Man(tree(), "devel", time.Time{})[0].Data); got[:len(want)] != want {
		t.Errorf("the page begins with %q", got[:len(want)])
	}
}

// A command that does something by itself needs none of those below it.
func TestCommandsThatAreCalledWithAndWithoutOthers(t *testing.T) {
	run := func(*cobra.Command, []string) {}
	root := &cobra.Command{Use: "tool", Run: run}
	alone, group := &cobra.Command{Use: "alone", Run: run}, &cobra.Command{Use: "group", Run: run, Args: cobra.ExactArgs(1)}
	root.AddCommand(alone, group)
	alone.AddCommand(&cobra.Command{Use: "low", Run: run})
	group.AddCommand(&cobra.Command{Use: "low", Run: run})
	for cmd, want := range map[*cobra.Command]string{root: "tool COMMAND [flags]", alone: "tool alone [COMMAND] [flags]", group: "tool group COMMAND [flags]"} {
		if got := synopsis(cmd); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
