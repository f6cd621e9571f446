package main

import (
	"fmt"
	"regexp"
	"strings"
)

// released is a version of ours, with what git describe adds to it between releases.
var released = regexp.MustCompile(`^v(\d+\.\d+\.\d+)(?:-(alpha|beta|rc)\.(\d+))?(?:-(\d+)-g([0-9a-f]+))?(-dirty)?$`)

// unreleased is what git describe says where there is no release yet.
var unreleased = regexp.MustCompile(`^([0-9a-f]{7,40})(-dirty)?$`)

// pep440 spells a version as Python does, https://peps.python.org/pep-0440/.
func pep440(version string) (string, error) {
	if m := unreleased.FindStringSubmatch(version); m != nil {
		return "0.dev0+g" + m[1] + dotted(m[2]), nil
	}
	m := released.FindStringSubmatch(version)
	if m == nil {
		return "", fmt.Errorf("not a version such as v1.2.3 or v1.2.3-rc.1: %q", version)
	}
	python := m[1]
	if m[2] != "" {
		python += map[string]string{"alpha": "a", "beta": "b", "rc": "rc"}[m[2]] + m[3]
	}
	if m[4] != "" {
		return python + ".post" + m[4] + "+g" + m[5] + dotted(m[6]), nil
	}
	if m[6] != "" {
		python += "+dirty"
	}
	return python, nil
}

func dotted(suffix string) string { return strings.Replace(suffix, "-", ".", 1) }
