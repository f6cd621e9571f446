package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// checkKeys wants one JSON object that has these keys, and no others at its top level. A path such as a.b[].c goes
// down, through every element of a list.
func checkKeys(data []byte, paths []string) error {
	d := json.NewDecoder(strings.NewReader(string(data)))
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("more than one JSON object")
	}
	var top []string
	for _, p := range paths {
		name, _, _ := strings.Cut(p, ".")
		top = append(top, strings.TrimSuffix(name, "[]"))
		if err := follow(object, p); err != nil {
			return err
		}
	}
	for name := range object {
		if !slices.Contains(top, name) {
			return fmt.Errorf("key %q is not expected", name)
		}
	}
	return nil
}

func follow(v any, path string) error {
	name, rest, more := strings.Cut(path, ".")
	name, list := strings.CutSuffix(name, "[]")
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: not an object: %v", path, v)
	}
	next, ok := object[name]
	if !ok {
		return fmt.Errorf("key %q is missing in %v", name, object)
	}
	elements := []any{next}
	if list {
		if elements, ok = next.([]any); !ok || len(elements) == 0 {
			return fmt.Errorf("%s: not a list with elements: %v", path, next)
		}
	}
	for _, e := range elements {
		if more {
			if err := follow(e, rest); err != nil {
				return err
			}
		}
	}
	return nil
}
