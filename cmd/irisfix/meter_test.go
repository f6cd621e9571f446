package main

import "testing"

// On a narrow terminal, and beside a long name, there is room for the numbers.
func TestNamesBesideBarsAreCut(t *testing.T) {
	tests := []struct {
		name     string
		terminal int
		want     string
	}{
		{"IRIS.DAT", 80, "IRIS.DAT                 "},
		{"IRIS.DAT", 40, "IRIS.DAT     "},
		{"RAG.Entities.and.their.Relations.dat", 80, "RAG.Entities.and.their.… "},
		{"表.dat", 20, "表.dat "},
	}
	for _, tt := range tests {
		if got := nameColumn(tt.name, tt.terminal); got != tt.want {
			t.Errorf("%s at %d: got %q, want %q", tt.name, tt.terminal, got, tt.want)
		}
	}
}
