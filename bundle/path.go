package bundle

import (
	"crypto/sha256"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxElement is the longest element of a path, in bytes: NAME_MAX of the usual file systems.
const maxElement = 255

// checkPath returns why a path from a manifest is unsafe or not portable, or nothing. A reader that takes only such
// paths never leaves the directory, on any system.
func checkPath(path string) string {
	switch {
	case path == "":
		return "empty path"
	case !utf8.ValidString(path):
		return "path that is not UTF-8"
	case strings.ContainsRune(path, '\\'):
		return "backslash in the path; use forward slashes"
	case strings.HasPrefix(path, "/"):
		return "absolute path"
	case strings.ContainsFunc(path, unicode.IsControl):
		return "control character in the path"
	case strings.ContainsRune(path, ':'):
		return "colon in the path, a drive letter or a stream on Windows"
	}
	for element := range strings.SplitSeq(path, "/") {
		if reason := checkElement(element); reason != "" {
			return reason
		}
	}
	if strings.EqualFold(path, manifestName) {
		return "the manifest itself"
	}
	return ""
}

func checkElement(element string) string {
	switch {
	case element == "":
		return "empty element in the path"
	case element == "." || element == "..":
		return fmt.Sprintf("element %q in the path", element)
	case len(element) > maxElement:
		return fmt.Sprintf("an element of %d bytes in the path, more than %d", len(element), maxElement)
	case element[0] == '.' && !isDAT(element):
		return fmt.Sprintf("the hidden name %q; programs act on files of such names", element)
	case strings.HasSuffix(element, ".") || strings.HasSuffix(element, " "):
		return "an element that ends in a dot or blank, which Windows drops"
	case reserved(element):
		return fmt.Sprintf("the name %q is reserved on Windows", element)
	}
	return ""
}

// isDAT reports the name of a .DAT file, in any case.
func isDAT(name string) bool { return strings.EqualFold(path.Ext(name), ".dat") }

// reserved reports the device names of Windows, which it recognises with any extension
// (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
func reserved(element string) bool {
	stem, _, _ := strings.Cut(element, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		port, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.ContainsAny(port, "0123456789¹²³")
}

// checkPaths returns a reason for each path that cannot stand beside the others: twins that differ in case only, and a
// file where another path has a directory.
func checkPaths(paths []string) []Problem {
	var problems []Problem
	folded := map[string]string{}
	for _, p := range paths {
		key := strings.ToLower(p)
		if other, ok := folded[key]; ok {
			problems = append(problems, Problem{p, fmt.Sprintf("the same file as %q where case does not count", other)})
		}
		folded[key] = p
	}
	for _, p := range paths {
		for i, c := range p {
			if other, ok := folded[strings.ToLower(p[:i])]; c == '/' && ok {
				problems = append(problems, Problem{p, fmt.Sprintf("below %q, which is a file", other)})
			}
		}
	}
	return problems
}

// FileNames gives each table its file: the name with every byte outside [A-Za-z0-9._-] percent-encoded, and .dat. A
// second name that differs only in case gets ~2, and so on.
func FileNames(tables []string) []string {
	taken := map[string]bool{}
	names := make([]string, len(tables))
	for i, table := range tables {
		stem := escapeName(table)
		name := stem + ".dat"
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = stem + "~" + strconv.Itoa(n) + ".dat"
		}
		taken[strings.ToLower(name)] = true
		names[i] = name
	}
	return names
}

func escapeName(table string) string {
	var b strings.Builder
	for i := range len(table) {
		c := table[i]
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("._-", c) >= 0
		// A table named as a Windows device keeps its name but for the first letter.
		if plain && !(i == 0 && reserved(table)) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	const room = maxElement - len("~9999.dat")
	if b.Len() <= room {
		return b.String()
	}
	sum := fmt.Sprintf("~%x", sha256.Sum256([]byte(table)))[:17]
	return b.String()[:room-len(sum)] + sum
}
