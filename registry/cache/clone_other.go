//go:build !linux && !darwin

package cache

import (
	"errors"
	"os"
)

func clone(dst, src *os.File) error { return errors.ErrUnsupported }
