//go:build darwin || freebsd || netbsd

package stamp

import (
	"io/fs"
	"syscall"
)

func identify(info fs.FileInfo) identity {
	id := identity{size: info.Size(), mtime: info.ModTime().UnixNano()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		id.ctime, id.inode = st.Ctimespec.Nano(), st.Ino
	}
	return id
}
