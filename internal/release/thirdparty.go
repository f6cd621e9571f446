package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// module is one that is linked, with the directories of its packages that are.
type module struct {
	path, version, root string
	dirs                []string
}

// linked asks the Go tool what is in the program for a platform, Go itself first.
func linked(ctx context.Context, p platform) ([]module, error) {
	const format = "{{if .Standard}}std\t\t\t{{else if .Module.Main}}{{else}}{{.Module.Path}}\t{{.Module.Version}}\t{{.Module.Dir}}\t{{.Dir}}{{end}}"
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-f", format, "./cmd/irisfix")
	cmd.Env = p.environment()
	out, err := output(cmd)
	if err != nil {
		return nil, err
	}
	goroot, err := output(exec.CommandContext(ctx, "go", "env", "GOVERSION", "GOROOT"))
	if err != nil {
		return nil, err
	}
	version, root, _ := strings.Cut(goroot, "\n")
	modules := []module{{path: "std", version: version, root: root, dirs: []string{root}}}
	for _, line := range lines(out) {
		field := strings.Split(line, "\t")
		if len(field) != 4 || field[0] == "std" {
			continue
		}
		i := slices.IndexFunc(modules, func(m module) bool { return m.path == field[0] })
		if i < 0 {
			i = len(modules)
			modules = append(modules, module{path: field[0], version: field[1], root: field[2]})
		}
		modules[i].dirs = append(modules[i].dirs, field[3])
	}
	slices.SortFunc(modules[1:], func(a, b module) int { return strings.Compare(a.path, b.path) })
	return modules, nil
}

// licenceFile is what files are called that have to go along with a copy.
var licenceFile = regexp.MustCompile(`(?i)^(un)?licen[cs]e(\.txt|\.md)?$|^copying|^notice|^patents$`)

// texts returns the paths of a module's licences: those beside the packages that are linked, and all above them.
func (m module) texts() ([]string, error) {
	var found []string
	for _, dir := range m.dirs {
		for ; strings.HasPrefix(dir, m.root); dir = filepath.Dir(dir) {
			entries, err := os.ReadDir(dir)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				path := filepath.Join(dir, e.Name())
				if e.Type().IsRegular() && licenceFile.MatchString(e.Name()) && !slices.Contains(found, path) {
					found = append(found, path)
				}
			}
		}
	}
	slices.Sort(found)
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no licence in %s", m.path, m.root)
	}
	return found, nil
}

// thirdParty is the text of all licences under which the program for a platform contains the works of others.
func thirdParty(ctx context.Context, p platform) ([]byte, error) {
	modules, err := linked(ctx, p)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("irisfix contains the following works of others, each under a licence of its own.\n")
	for _, m := range modules {
		licence, known := licences[m.path]
		if !known {
			return nil, fmt.Errorf("%s: read its licence and add it to internal/release/licences.go", m.path)
		}
		texts, err := m.texts()
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "\n\n%s\n%s %s: %s\n", strings.Repeat("=", 80), m.path, m.version, licence)
		for _, path := range texts {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			name, err := filepath.Rel(m.root, path)
			if err != nil {
				return nil, err
			}
			text = bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
			fmt.Fprintf(&b, "%s\n%s\n\n%s\n", strings.Repeat("-", 80), filepath.ToSlash(name), text)
		}
	}
	return b.Bytes(), nil
}

// lines parts the output of a program.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
