package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// archived is the commit and its time, as git writes them into an archive of the sources; see .gitattributes.
//
//go:embed archived.txt
var archived string

// source tells which commit the sources are, and when: as SOURCE_DATE_EPOCH says, or when it was committed.
func source(ctx context.Context, archived string) (commit string, when time.Time, err error) {
	commit, seconds, ok := strings.Cut(strings.TrimSpace(archived), " ")
	if !ok || strings.HasPrefix(archived, "$") {
		out, err := output(exec.CommandContext(ctx, "git", "log", "-1", "--format=%H %ct"))
		if err != nil {
			return "", time.Time{}, err
		}
		commit, seconds, _ = strings.Cut(out, " ")
	}
	if given := os.Getenv("SOURCE_DATE_EPOCH"); given != "" {
		seconds = given
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n < zipEpoch {
		return "", time.Time{}, fmt.Errorf("not a number of seconds after 1980: %q", seconds)
	}
	return commit, time.Unix(n, 0).UTC(), nil
}

// output runs a program and returns what it printed, without the last newline. What it says beside is shown.
func output(cmd *exec.Cmd) (string, error) {
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s: %w", strings.Join(cmd.Args[:min(3, len(cmd.Args))], " "), err)
	}
	return strings.TrimRight(string(out), "\n"), err
}
