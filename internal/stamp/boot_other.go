//go:build !linux && !darwin && !windows

package stamp

func bootID() string { return unknownBoot() }
