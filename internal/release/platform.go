package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// platform is what a program is built for.
type platform struct {
	os, arch string
	tags     []string // of wheels: the oldest systems on which the program runs
}

// platforms are all that are released. Programs for Linux are static, so the tags for glibc and for musl both hold; Go
// 1.26 wants Linux 3.2, which is older than either, and macOS 12, which a test reads from the program.
var platforms = []platform{
	{"darwin", "amd64", []string{"macosx_12_0_x86_64"}},
	{"darwin", "arm64", []string{"macosx_12_0_arm64"}},
	{"linux", "amd64", []string{"manylinux_2_17_x86_64", "manylinux2014_x86_64", "musllinux_1_1_x86_64"}},
	{"linux", "arm64", []string{"manylinux_2_17_aarch64", "manylinux2014_aarch64", "musllinux_1_1_aarch64"}},
	{"windows", "amd64", []string{"win_amd64"}},
	{"windows", "arm64", []string{"win_arm64"}},
}

func (p platform) String() string { return p.os + "/" + p.arch }

// program is the name of the program's file.
func (p platform) program() string {
	if p.os == "windows" {
		return "irisfix.exe"
	}
	return "irisfix"
}

// archive packs files as is usual on the platform, and returns the name of the archive.
func (p platform) archive(name string, files []file, when time.Time) (string, []byte, error) {
	if p.os == "windows" {
		data, err := zipped(files, when)
		return name + ".zip", data, err
	}
	data, err := tarGz(files, when)
	return name + ".tar.gz", data, err
}

// choose returns the platforms that are named, such as linux/amd64; all if none is.
func choose(names []string) ([]platform, error) {
	if len(names) == 0 {
		return platforms, nil
	}
	var chosen []platform
next:
	for _, name := range names {
		for _, p := range platforms {
			if p.String() == name {
				chosen = append(chosen, p)
				continue next
			}
		}
		return nil, fmt.Errorf("no releases for %s", name)
	}
	return chosen, nil
}

// environment is that of the Go tool, with everything fixed that would change the program. What is empty there the tool
// would look for in its own file of settings.
func (p platform) environment() []string {
	return append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOAMD64=v1", "GOARM64=v8.0",
		"GOFIPS140=off", "GOWORK=off")
}

// build makes the program and returns its path.
func (r *release) build(ctx context.Context, p platform) (string, error) {
	path := filepath.Join(r.work, p.os+"_"+p.arch, p.program())
	link := fmt.Sprintf("-s -w -buildid= -X main.release=%s -X main.revision=%s", r.version, r.commit)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", link, "-o", path, "./cmd/irisfix")
	cmd.Env = p.environment()
	_, err := output(cmd)
	return path, err
}
