package main

// licences names, by SPDX identifier, the licence of all that may be linked. Somebody has read each: a module that is
// not here stops the release.
var licences = map[string]string{
	"std":                                   "BSD-3-Clause",
	"github.com/VividCortex/ewma":           "MIT",
	"github.com/acarl005/stripansi":         "MIT",
	"github.com/clipperhouse/uax29/v2":      "MIT",
	"github.com/gofrs/flock":                "BSD-3-Clause",
	"github.com/inconshreveable/mousetrap":  "Apache-2.0",
	"github.com/klauspost/compress":         "Apache-2.0 AND BSD-3-Clause AND MIT",
	"github.com/mattn/go-runewidth":         "MIT",
	"github.com/ncruces/go-sqlite3":         "MIT",
	"github.com/ncruces/go-sqlite3-wasm/v6": "MIT-0",
	"github.com/ncruces/julianday":          "MIT",
	"github.com/opencontainers/go-digest":   "Apache-2.0",
	"github.com/opencontainers/image-spec":  "Apache-2.0",
	"github.com/parquet-go/bitpack":         "Apache-2.0",
	"github.com/parquet-go/parquet-go":      "Apache-2.0 AND MIT",
	"github.com/spf13/cobra":                "Apache-2.0",
	"github.com/spf13/pflag":                "BSD-3-Clause",
	"github.com/vbauerster/cupwriter":       "Unlicense",
	"github.com/vbauerster/mpb/v8":          "Unlicense",
	"golang.org/x/net":                      "BSD-3-Clause",
	"golang.org/x/sync":                     "BSD-3-Clause",
	"golang.org/x/sys":                      "BSD-3-Clause",
	"golang.org/x/term":                     "BSD-3-Clause",
	"golang.org/x/text":                     "BSD-3-Clause",
	"oras.land/oras-go/v2":                  "Apache-2.0",
}
