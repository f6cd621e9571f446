//go:build !linux && !darwin && !freebsd && !netbsd

package stamp

import "io/fs"

// identify does with size and modification time where the system tells no more without opening the file.
func identify(info fs.FileInfo) identity {
	return identity{size: info.Size(), mtime: info.ModTime().UnixNano()}
}
