package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// newExitCodes is a help topic: it tells what the table of classes holds.
func newExitCodes(*app) *cobra.Command {
	sorted := slices.Clone(classes)
	slices.SortStableFunc(sorted, func(a, b *class) int { return cmp.Compare(a.code, b.code) })
	t := newTable("  ", "CODE", "CLASS", "WHEN")
	t.row("0", "", "success, also a diff that found differences")
	for _, c := range sorted {
		t.row(fmt.Sprint(c.code), c.name, c.when)
	}
	var text strings.Builder
	text.WriteString("A failure has a class, which is \"class\" in the error that --json prints, and a number, which is\nthe exit code. When validate finds several, the first of 9, 1, 2 decides.\n\n")
	t.print(&text)
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: strings.TrimRight(text.String(), "\n")}
}
