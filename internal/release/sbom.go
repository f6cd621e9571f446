package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/irisfix/irisfix/internal/strictjson"
)

// sbomTool reads what is in a program from the program itself, and writes CycloneDX.
const sbomTool = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"

// sbom lists the components of a program.
func (r *release) sbom(ctx context.Context, p platform, program string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", "run", sbomTool, "bin", "-json", "-std", "-noserial", "-notimestamp", "-version", r.version, program)
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath")
	out, err := output(cmd)
	if err != nil {
		return nil, err
	}
	return tidySBOM([]byte(out), r.when)
}

// tidySBOM takes out what differs with the machine on which the tool was built, and puts in time and licences. The tool
// could look for these itself, and is wrong for seven of our modules.
func tidySBOM(data []byte, when time.Time) ([]byte, error) {
	if err := strictjson.Check(data); err != nil {
		return nil, err
	}
	var bom map[string]any
	if err := json.Unmarshal(data, &bom); err != nil {
		return nil, err
	}
	about := object(bom["metadata"])
	components := objects(bom["components"])
	if about["component"] == nil || len(components) == 0 {
		return nil, errors.New("the SBOM lists nothing")
	}
	about["timestamp"] = when.Format(time.RFC3339)
	for _, tool := range objects(about["tools"]) {
		delete(tool, "hashes")
	}
	object(about["component"])["licenses"] = licence("Apache-2.0")
	for _, c := range components {
		name := fmt.Sprint(c["name"])
		id, known := licences[name]
		if !known {
			return nil, fmt.Errorf("%s: read its licence and add it to internal/release/licences.go", name)
		}
		c["licenses"] = licence(id)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(bom)
	return b.Bytes(), err
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func objects(v any) []map[string]any {
	list, _ := v.([]any)
	var all []map[string]any
	for _, item := range list {
		all = append(all, object(item))
	}
	return all
}

// licence is an expression of SPDX in CycloneDX.
func licence(expression string) []any { return []any{map[string]any{"expression": expression}} }
