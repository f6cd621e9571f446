package main

import (
	"cmp"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/phrase"
)

// nextStep is what a user does to mount a file that was placed. The steps of the way "before" come first, all of them;
// of the others one is enough.
type nextStep struct {
	Way   string `json:"way"` // before, terminal, sql, cpf or container
	Title string `json:"title"`
	Text  string `json:"text"` // to be pasted; empty if the title says it all
}

// mount is a file that is to become a database of a server and the only one of a namespace.
type mount struct {
	name string // of both
	dir  string // absolute
	file databaseFile
}

// nextSteps tells how a file that was placed is mounted. There is nothing to tell of what is no database.
func nextSteps(m *bundle.Manifest, path string, file databaseFile) ([]nextStep, error) {
	if file.label == nil {
		return nil, nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	t := mount{databaseName(m.FixtureID), filepath.Dir(abs), file}
	steps := append([]nextStep{versionStep(m.IRISVersion)}, t.before(abs)...)
	if strings.ContainsAny(t.dir, ",:") && filepath.VolumeName(t.dir) == "" || phrase.OneLine(t.dir) != t.dir {
		return append(steps, nextStep{"before", "The name of its directory has characters that a CPF or a container cannot take: move it", ""}), nil
	}
	return append(steps, t.inTerminal(), t.overSQL(), t.byCPF(), t.inContainer()), nil
}

// notInName is what a name of a namespace cannot have.
// https://docs.intersystems.com/irislatest/csp/docbook/DocBook.UI.Page.cls?KEY=GSA_config_namespace
var notInName = regexp.MustCompile(`[^A-Z0-9]+`)

// databaseName is one that no database of the vendor has.
func databaseName(fixture string) string {
	const most = 64
	name := "FIX_" + strings.Trim(notInName.ReplaceAllString(strings.ToUpper(fixture), "_"), "_")
	return name[:min(len(name), most)]
}

// released is a version of IRIS in what a server says of itself.
var released = regexp.MustCompile(`\b20\d\d\.\d+(\.\d+)*`)

func versionStep(source string) nextStep {
	version := released.FindString(source)
	if version == "" {
		return nextStep{"before", "Use a server that is not older than the one the file comes from; its version is not known", ""}
	}
	return nextStep{"before", "Use a server of version " + version + " or later; if it is of a later release, compile all classes of the namespace when the file is mounted", "do $system.OBJ.CompileAll()"}
}

// before is what has to be done whatever way the file is mounted.
func (t mount) before(path string) (steps []nextStep) {
	if name := filepath.Base(path); name != "IRIS.DAT" {
		steps = append(steps, nextStep{"before", "Give it the name that a server looks for; irisfix unload will not find it then",
			"mv " + phrase.ShellWord(path) + " " + phrase.ShellWord(filepath.Join(t.dir, "IRIS.DAT"))})
	}
	t.file.path = filepath.Join(t.dir, "IRIS.DAT")
	for _, r := range t.file.remarks() {
		steps = append(steps, nextStep{"before", r.text + ". " + r.advice.Do, r.advice.Run})
	}
	return append(steps, nextStep{"before", "Make the owner of the server its owner: in containers user 51773, else whoever owns the other databases",
		"sudo chown 51773:51773 " + phrase.ShellWord(t.dir) + " " + phrase.ShellWord(t.file.path)})
}

// resourceName is one that needs no quotes anywhere. The label is of unknown origin, and users paste what is made of it.
var resourceName = regexp.MustCompile(`^%?[A-Za-z][A-Za-z0-9_%]{0,62}$`)

// resource is the one in the label, if it is not one that every server has.
func (t mount) resource() string {
	r := t.file.label.Resource
	if r == "%DB_%DEFAULT" || !resourceName.MatchString(r) {
		return ""
	}
	return r
}

// literal is a text in ObjectScript.
func literal(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// directory ends with a separator, as the server spells it.
func directory(dir string) string {
	return strings.TrimSuffix(dir, string(filepath.Separator)) + string(filepath.Separator)
}

// calls make the database known, mount it and make the namespace. Each leaves its status in sc.
// https://docs.intersystems.com/irislatest/csp/documatic/%25CSP.Documatic.cls?LIBRARY=%25SYS&CLASSNAME=SYS.Database
func (t mount) calls() [][2]string {
	var list [][2]string
	if r := t.resource(); r != "" {
		list = append(list, [2]string{"resource", `set sc=1 if '##class(Security.Resources).Exists(` + literal(r) + `) set sc=##class(Security.Resources).Create(` + literal(r) + `)`})
	}
	return append(list,
		[2]string{"database", `set db("Directory")=dir,sc=##class(Config.Databases).Create(name,.db)`},
		[2]string{"mount", `set sc=##class(SYS.Database).MountDatabase(dir)`},
		[2]string{"namespace", `set ns("Globals")=name,ns("Routines")=name,sc=##class(Config.Namespaces).Create(name,.ns)`})
}

func (t mount) inTerminal() nextStep {
	lines := []string{`iris session IRIS -U %SYS <<'EOF'`, `set name=` + literal(t.name) + `,dir=` + literal(directory(t.dir))}
	for _, c := range t.calls() {
		lines = append(lines, c[1]+` write !,"`+c[0]+`: ",$select(sc=1:"ok",1:$system.Status.GetErrorText(sc)),!`)
	}
	lines = append(lines, "halt", "EOF")
	return nextStep{"terminal", "With ObjectScript, in a shell of the server's machine; IRIS is the name of the instance", strings.Join(lines, "\n")}
}

func (t mount) overSQL() nextStep {
	lines := []string{"CREATE OR REPLACE FUNCTION FixtureMount() RETURNS VARCHAR(4000) LANGUAGE OBJECTSCRIPT {",
		" new $namespace", ` set $namespace="%SYS",name=` + literal(t.name) + `,dir=` + literal(directory(t.dir))}
	for _, c := range t.calls() {
		lines = append(lines, " "+c[1], ` if sc'=1 quit "`+c[0]+`: "_$system.Status.GetErrorText(sc)`)
	}
	lines = append(lines, ` quit "mounted as "_name`, "}", "", "SELECT FixtureMount()", "", "DROP FUNCTION FixtureMount")
	return nextStep{"sql", "With SQL, three statements one after the other, by a user with the role %All", strings.Join(lines, "\n")}
}

// cpf is a file that is merged into the configuration of a server when it starts. It names the database and makes none,
// as the action CreateDatabase would.
// https://docs.intersystems.com/irislatest/csp/docbook/DocBook.UI.Page.cls?KEY=RACS_databases
func (t mount) cpf(dir string) string {
	lines := []string{"[Databases]", t.name + "=" + dir, "", "[Namespaces]", t.name + "=" + t.name}
	if size := cmp.Or(t.file.label.BlockSize, usualBlock); size != usualBlock {
		lines = append(lines, "", "[Startup]", allowed(size), "", "[config]", buffers(size))
	}
	if r := t.resource(); r != "" {
		lines = append(lines, "", "[Actions]", "CreateResource:Name="+r)
	}
	return strings.Join(lines, "\n")
}

func (t mount) byCPF() nextStep {
	return nextStep{"cpf", "With a file that is merged into the CPF, for the next start of a server on this machine",
		"cat > irisfix.cpf <<'EOF'\n" + t.cpf(directory(t.dir)) + "\nEOF\n" + `ISC_CPF_MERGE_FILE="$PWD/irisfix.cpf" iris start IRIS`}
}

func (t mount) inContainer() nextStep {
	return nextStep{"container", "In a new container; another image of IRIS takes the same options",
		"cat > irisfix.cpf <<'EOF'\n" + t.cpf("/fixture/") + "\nEOF\n" +
			"docker run --detach --name iris --publish 127.0.0.1:1972:1972 \\\n" +
			"  --volume " + phrase.ShellWord(t.dir+":/fixture") + ` --volume "$PWD/irisfix.cpf:/irisfix.cpf" \` + "\n" +
			"  --env ISC_CPF_MERGE_FILE=/irisfix.cpf containers.intersystems.com/intersystems/iris-community:latest-em"}
}

// printNext prints each step with its text at the beginning of the lines, so that it can be pasted.
func (a *app) printNext(steps []nextStep) {
	if len(steps) == 0 {
		return
	}
	a.data("")
	a.data("Next, mount it. This follows the vendor's manuals and was not tried on a server.")
	before, ways := 0, 0
	for _, s := range steps {
		label := string(rune('A' + ways))
		if s.Way == "before" {
			before++
			label = phrase.Number(int64(before))
		} else {
			ways++
		}
		a.data("")
		a.data("%s. %s", label, s.Title)
		for line := range strings.Lines(s.Text) {
			a.data("%s", strings.TrimSuffix(line, "\n"))
		}
	}
}
