package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/irisfix/irisfix/internal/phrase"
)

// table prints columns under their titles. A title that begins with > has its column to the right.
type table struct {
	indent string
	right  []bool
	rows   [][]string
}

func newTable(indent string, titles ...string) *table {
	t := &table{indent: indent}
	for i, title := range titles {
		right := strings.HasPrefix(title, ">")
		t.right = append(t.right, right)
		titles[i] = strings.TrimPrefix(title, ">")
	}
	t.rows = [][]string{titles}
	return t
}

func (t *table) row(cells ...string) {
	for i, c := range cells {
		cells[i] = phrase.OneLine(c)
	}
	t.rows = append(t.rows, cells)
}

func (t *table) print(w io.Writer) {
	widths := make([]int, len(t.right))
	for _, row := range t.rows {
		for i, c := range row {
			widths[i] = max(widths[i], runewidth.StringWidth(c))
		}
	}
	for _, row := range t.rows {
		var line strings.Builder
		line.WriteString(t.indent)
		for i, c := range row {
			pad := strings.Repeat(" ", widths[i]-runewidth.StringWidth(c))
			if t.right[i] {
				line.WriteString(pad + c)
			} else {
				line.WriteString(c + pad)
			}
			line.WriteString("  ")
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}
