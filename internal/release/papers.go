package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// papers are the files that go along with the program of every platform: what this machine's program says of itself,
// and three files of the repository.
func (r *release) papers(ctx context.Context) ([]file, error) {
	program, err := r.build(ctx, platform{os: runtime.GOOS, arch: runtime.GOARCH})
	if err != nil {
		return nil, err
	}
	var files []file
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, file{name, 0o644, data})
	}
	for shell, name := range map[string]string{"bash": "irisfix.bash", "zsh": "_irisfix", "fish": "irisfix.fish", "powershell": "irisfix.ps1"} {
		script, err := output(exec.CommandContext(ctx, program, "completion", shell))
		if err != nil {
			return nil, err
		}
		files = append(files, file{"completions/" + name, 0o644, []byte(script + "\n")})
	}
	man := filepath.Join(r.work, "man1")
	cmd := exec.CommandContext(ctx, program, "manual", man)
	cmd.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.when.Unix()))
	if _, err := output(cmd); err != nil {
		return nil, err
	}
	pages, err := os.ReadDir(man)
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		data, err := os.ReadFile(filepath.Join(man, page.Name()))
		if err != nil {
			return nil, err
		}
		files = append(files, file{"man/man1/" + page.Name(), 0o644, data})
	}
	return files, nil
}
