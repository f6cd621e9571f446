package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/loader/iris/irisdat"
)

// Words for what a server may not like about a database file. The rules are those of the vendor's manuals: "Configuring
// Databases" and "Using cvendian" in the administration guide, DBSizesAllowed and globals in the CPF reference, "Managed
// Key Encryption" in the security guide.

// remark is something about a database file, and what to do about it. Where it is not fatal it stops nothing here.
type remark struct {
	name, text string
	advice     explain.Step
	fatal      bool
}

// usualBlock is the block size that every server takes.
const usualBlock = 8192

var copyAgain = explain.Step{Do: "Copy it again while its database is dismounted"}

func (d databaseFile) remarks() (list []remark) {
	var none *irisdat.NotDatabaseError
	var size *irisdat.SizeError
	if errors.As(d.err, &none) {
		return []remark{{"form", "not a database file of InterSystems IRIS: " + none.Reason, explain.Step{Do: "Name the IRIS.DAT of a database"}, true}}
	}
	if errors.As(d.err, &size) {
		list = append(list, sizeRemark(size))
	}
	l := d.label
	switch {
	case l.Order == "":
		return append(list, remark{"form", "its label is in a form that is not known; what follows it was not looked at", explain.Step{Do: "Try on a server whether it can be mounted"}, false})
	case l.Order != hostOrder():
		list = append(list, orderRemark(l.Order, d.path))
	}
	if l.BlockSize != 0 && l.BlockSize != usualBlock {
		list = append(list, blockRemark(l.BlockSize))
	}
	switch l.Encryption {
	case irisdat.Scrambled:
		list = append(list, remark{"encryption", "encrypted, as far as can be seen: its label can be read, the blocks behind it look like random bytes; a server mounts it only with its key",
			explain.Step{Do: "Activate the key on the server before the file is mounted, in its Terminal, in the namespace %SYS", Run: "do ^EncryptionKey"}, false})
	case irisdat.Illegible:
		list = append(list, remark{"form", "the blocks behind its label are not as they should be: it is damaged, or of a kind that is not known", explain.Step{Do: "Check it on a server, in its Terminal, in the namespace %SYS", Run: "do ^Integrity"}, false})
	}
	if l.Family == irisdat.Cache {
		list = append(list, remark{"product", "written by Caché, as far as can be seen, not by IRIS; a server of IRIS looks for IRIS.DAT",
			explain.Step{Do: "Read the vendor's guide to the conversion from Caché before it is mounted in IRIS"}, false})
	}
	if part, half := halfOf(l.Directory); half {
		list = append(list, part)
	}
	return list
}

func sizeRemark(e *irisdat.SizeError) remark {
	what := "shorter"
	if e.Have > e.Want {
		what = "longer"
	}
	return remark{"size", fmt.Sprintf("%s than its label says: %s bytes instead of %s; it was cut, or copied while a server made it larger", what, phrase.Number(e.Have), phrase.Number(e.Want)),
		copyAgain, e.Have < e.Want}
}

func orderRemark(o irisdat.Order, path string) remark {
	platforms := "as on Linux, Windows and macOS"
	if o == irisdat.BigEndian {
		platforms = "as on AIX"
	}
	option := "-" + strings.TrimSuffix(string(hostOrder()), "-endian")
	return remark{"platform", fmt.Sprintf("%s, %s; this machine is %s, and a server on such a machine does not mount it", o, platforms, hostOrder()),
		explain.Step{Do: "Convert a copy that no server has mounted, with the vendor's tool", Run: "cvendian " + option + " " + phrase.ShellWord(path)}, false}
}

func blockRemark(size int) remark {
	return remark{"block size", fmt.Sprintf("blocks of %s bytes; a server mounts it only if it allows that size and has buffers for it", phrase.Number(int64(size))),
		explain.Step{Do: "Allow it in the CPF of the server and restart it", Run: allowed(size) + " in [Startup], " + buffers(size) + " in [config]"}, false}
}

// allowed is the parameter of a CPF that allows a block size besides the usual one.
// https://docs.intersystems.com/irislatest/csp/docbook/DocBook.UI.Page.cls?KEY=RACS_DBSizesAllowed
func allowed(size int) string { return fmt.Sprintf("DBSizesAllowed=%d,%d", usualBlock, size) }

// buffers is the parameter of a CPF that gives memory to a block size: two numbers that are not used, then megabytes for
// blocks of 8, 16, 32 and 64 KiB.
// https://docs.intersystems.com/irislatest/csp/docbook/DocBook.UI.Page.cls?KEY=RACS_globals
func buffers(size int) string {
	return "globals=" + map[int]string{16384: "0,0,256,256,0,0", 32768: "0,0,256,0,256,0", 65536: "0,0,256,0,0,256"}[size]
}

// halfOf tells whether a database is one of the two that the statement CREATE DATABASE makes.
func halfOf(directory string) (remark, bool) {
	last := strings.TrimRight(directory, `/\`)
	last = last[strings.LastIndexAny(last, `/\`)+1:]
	what := map[string]string{"D": "rows, whose tables are defined in the directory C beside it", "C": "definitions of tables, whose rows are in the directory D beside it"}[last]
	return remark{"halves", "its directory was " + last + ": CREATE DATABASE makes two, and this one has the " + what,
		explain.Step{Do: "Take both, each as a fixture of its own"}, false}, what != ""
}

func lockRemark(lock string) remark {
	return remark{"in use", lock + " is beside the file: a server has it mounted, and may write to it",
		explain.Step{Do: "Dismount the database, or stop the server, before it is copied"}, false}
}

func volumeRemark(name string) remark {
	return remark{"volumes", name + " is beside the file: the database has several volumes, and a server does not mount one without the others; only the one file is taken",
		explain.Step{Do: "Copy the database into one file on the server, with SYS.Database.Copy"}, false}
}

var streamRemark = remark{"streams", "the directory stream beside the file is not empty: a database keeps streams there that are files, and they are not taken",
	explain.Step{Do: "Take that directory along by hand if the application uses it"}, false}

// hostOrder is that of this machine.
func hostOrder() irisdat.Order {
	if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
		return irisdat.BigEndian
	}
	return irisdat.LittleEndian
}
