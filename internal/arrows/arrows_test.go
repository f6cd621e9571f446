package arrows

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/irisfix/irisfix/"

// ground is what every package may stand on.
var ground = []string{"internal/atomicfile", "internal/parallel", "internal/stamp", "internal/strictjson"}

// rule is one row of the table in ARCHITECTURE.md.
type rule struct {
	ours   []string // packages of this module; "*" is everything
	others []string // prefixes of foreign import paths; the standard library is always allowed
}

var (
	imageSpec = "github.com/opencontainers/image-spec"
	goDigest  = "github.com/opencontainers/go-digest"
	oras      = "oras.land/oras-go/v2"
)

// table is the arrow table. A package that is not in it fails the test: a new room must be drawn first.
var table = map[string]rule{
	"internal/arrows":     {},
	"internal/atomicfile": {others: []string{"golang.org/x/sys"}},
	"internal/faultproxy": {ours: ground}, // imported by tests only
	"internal/manual":     {others: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"}},
	"internal/parallel":   {},
	"internal/stamp":      {ours: []string{"internal/atomicfile"}, others: []string{"golang.org/x/sys"}},
	"internal/strictjson": {},
	"bundle/dat": {ours: ground, others: []string{
		"github.com/parquet-go/parquet-go", "github.com/klauspost/compress"}},
	"bundle/blockmap": {ours: ground},
	"bundle": {ours: append(slices.Clone(ground), "bundle/dat", "bundle/blockmap"), others: []string{
		imageSpec, goDigest, oras + "/content", oras + "/errdef"}},
	"registry/cache": {ours: ground, others: []string{
		imageSpec, goDigest, oras + "/errdef", "github.com/gofrs/flock", "golang.org/x/sys"}},
	"registry/lockfile": {ours: ground, others: []string{"github.com/gofrs/flock"}},
	"registry/server":   {ours: ground, others: []string{imageSpec, goDigest, "github.com/gofrs/flock"}},
	"registry": {ours: append(slices.Clone(ground), "registry/cache", "bundle/blockmap"), others: []string{
		imageSpec, goDigest, oras, "github.com/gofrs/flock", "golang.org/x/net/publicsuffix"}},
	"loader": {ours: append(slices.Clone(ground), "bundle", "bundle/dat"), others: []string{goDigest}},
	"loader/sqlite": {ours: append(slices.Clone(ground), "loader", "bundle/dat"), others: []string{
		"github.com/ncruces/go-sqlite3"}},
	"loader/iris/wire":                  {others: []string{"golang.org/x/text/encoding/charmap"}},
	"loader/iris/discover":              {ours: []string{"loader/iris/client"}},
	"loader/iris/irisdat":               {},
	"loader/iris/irisdat/irisdattest":   {}, // imported by tests only
	"loader/targettest":                 {ours: append(slices.Clone(ground), "loader", "bundle", "bundle/dat")},
	"loader/iris/client":                {ours: []string{"loader/iris/wire"}},
	"loader/iris/iristest":              {ours: append(slices.Clone(ground), "loader/iris/wire", "loader/iris/iristest/engine")},
	"loader/iris/iristest/cmd/iristest": {ours: append(slices.Clone(ground), "loader/iris/iristest")},
	"loader/iris":                       {ours: append(slices.Clone(ground), "loader", "bundle/dat", "loader/iris/client", "loader/iris/wire")},
	"loader/iris/iristest/engine":       {ours: ground, others: []string{"github.com/ncruces/go-sqlite3"}},
	"loader/iris/live":                  {ours: []string{"loader/iris", "loader/iris/client", "loader/iris/wire"}},
	"loader/iris/live/cmd/live":         {ours: []string{"internal/atomicfile", "loader/iris/client", "loader/iris/discover", "loader/iris/live"}},
	"workspace": {ours: append(slices.Clone(ground), "bundle", "registry", "registry/cache", "registry/lockfile"),
		others: []string{imageSpec, goDigest, oras}},
	"internal/phrase":   {others: []string{imageSpec}},
	"internal/settings": {ours: []string{"registry", "loader/iris/client", "loader/iris/discover"}},
	"lfs": {ours: append(slices.Clone(ground), "bundle", "registry", "registry/cache"), others: []string{
		imageSpec, goDigest, oras + "/content", oras + "/errdef"}},
	"internal/explain": {ours: append(slices.Clone(ground), "lfs", "internal/phrase", "internal/settings", "bundle", "bundle/dat", "registry", "registry/cache", "registry/lockfile",
		"registry/server", "loader", "loader/iris", "loader/iris/client", "loader/iris/discover", "workspace"), others: []string{imageSpec, goDigest, oras + "/errdef"}},
	"sandbox": {ours: append(slices.Clone(ground), "bundle", "loader", "loader/iris", "loader/iris/client", "loader/iris/discover", "loader/sqlite", "registry", "registry/cache", "workspace"),
		others: []string{goDigest, "github.com/gofrs/flock"}},
	"fixturetest": {ours: append(slices.Clone(ground), "internal/explain", "internal/phrase", "internal/settings", "bundle", "registry", "loader", "loader/iris/client", "sandbox", "workspace"),
		others: []string{imageSpec, "github.com/ncruces/go-sqlite3/driver", "github.com/caretdev/go-irisnative"}},
	"cmd/irisfix":      {ours: []string{"*"}, others: []string{"*"}},
	"internal/release": {ours: []string{"internal/atomicfile", "internal/strictjson"}},
	"internal/goldens": {ours: []string{"bundle", "loader", "loader/sqlite", "testdata"}, others: []string{"github.com/ncruces/go-sqlite3"}},
}

// packageFiles parses the non-test files of every package below the module's root.
func packageFiles(t *testing.T, mode parser.Mode) map[string][]*ast.File {
	t.Helper()
	root := filepath.Join("..", "..")
	files := map[string][]*ast.File{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, e := os.Stat(filepath.Join(path, "go.mod"))
			if path != root && (e == nil || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, mode)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		files[filepath.ToSlash(rel)] = append(files[filepath.ToSlash(rel)], f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestImportsFollowTheTable(t *testing.T) {
	for pkg, files := range packageFiles(t, parser.ImportsOnly) {
		r, drawn := table[pkg]
		if !drawn {
			t.Errorf("%s is not in the arrow table; draw it in ARCHITECTURE.md first", pkg)
			continue
		}
		for _, f := range files {
			for _, spec := range f.Imports {
				path := strings.Trim(spec.Path.Value, `"`)
				if !allowed(r, path) {
					t.Errorf("%s must not import %s", pkg, path)
				}
			}
		}
	}
}

func allowed(r rule, path string) bool {
	if own, ok := strings.CutPrefix(path, module); ok {
		return slices.Contains(r.ours, "*") || slices.Contains(r.ours, own)
	}
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") {
		return true
	}
	return slices.ContainsFunc(r.others, func(p string) bool {
		return p == "*" || path == p || strings.HasPrefix(path, p+"/")
	})
}

// A library that exits, prints or reads the environment takes decisions that belong to the door.
func TestLibrariesReturnFacts(t *testing.T) {
	banned := map[string][]string{
		"os":  {"Exit", "Getenv", "LookupEnv", "Environ", "Stdout", "Stderr", "Stdin"},
		"fmt": {"Print", "Printf", "Println"},
		"log": {"Fatal", "Fatalf", "Fatalln", "Print", "Printf", "Println"},
	}
	for pkg, files := range packageFiles(t, parser.SkipObjectResolution) {
		if pkg == "cmd/irisfix" || pkg == "fixturetest" || pkg == "internal/goldens" || pkg == "internal/release" || pkg == "loader/iris/iristest/cmd/iristest" || pkg == "loader/iris/live/cmd/live" {
			continue
		}
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if id, ok := sel.X.(*ast.Ident); ok && slices.Contains(banned[id.Name], sel.Sel.Name) {
					t.Errorf("%s uses %s.%s", pkg, id.Name, sel.Sel.Name)
				}
				return true
			})
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for pkg, files := range packageFiles(t, parser.ParseComments) {
		if !slices.ContainsFunc(files, func(f *ast.File) bool { return f.Doc != nil }) {
			t.Errorf("%s has no package comment", pkg)
		}
	}
}
