package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/explain"
)

// newExitCodes is a help topic: it tells what the table of classes holds.
func newExitCodes(*app) *cobra.Command {
	sorted := explain.Classes()
	slices.SortStableFunc(sorted, func(a, b *explain.Class) int { return cmp.Compare(a.Code, b.Code) })
	t := newTable("  ", "CODE", "CLASS", "WHEN")
	t.row("0", "", "success, also a diff that found differences")
	for _, c := range sorted {
		t.row(fmt.Sprint(c.Code), c.Name, c.When)
	}
	var text strings.Builder
	text.WriteString("A failure has a class, which is \"class\" in the error that --json prints, and a number, which is\nthe exit code. When validate finds several, the first of 9, 1, 2 decides.\n\n")
	t.print(&text)
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: strings.TrimRight(text.String(), "\n")}
}
