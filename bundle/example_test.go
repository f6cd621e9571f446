package bundle_test

import (
	"context"
	"fmt"
	"log"

	"github.com/irisfix/irisfix/bundle"
)

// Open a fixture directory, check its files, and look at what it holds.
func ExampleOpenDir() {
	f, err := bundle.OpenDir("testdata/countries", bundle.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	if err := f.Verify(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Manifest.FixtureID, f.Manifest.Version)
	for _, file := range f.Manifest.Files() {
		fmt.Println(file.Table, "has", file.Rows, "rows in", file.Path)
	}
	// Output:
	// countries 1.0.0
	// country has 12 rows in country.dat
}

// Report everything that is wrong with a fixture directory.
func ExampleValidateDir() {
	report, err := bundle.ValidateDir(context.Background(), "testdata/countries", bundle.ValidateOptions{}, bundle.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, err := range report.Errors {
		fmt.Println(err)
	}
	fmt.Println(len(report.Errors), "errors,", len(report.Warnings), "warnings")
	// Output:
	// 0 errors, 0 warnings
}

// Pack a fixture directory. The digest is the same on every machine.
func ExamplePack() {
	ctx := context.Background()
	f, err := bundle.OpenDir("testdata/countries", bundle.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	b, err := bundle.Pack(ctx, f)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(b.Descriptor.Digest)
	for _, layer := range b.Image.Layers {
		fmt.Println(layer.Annotations["org.opencontainers.image.title"], layer.Size)
	}
	// Output:
	// sha256:913181e5172c6b2a17beeaf1e57fa70d3843378420694fe18fedf0a05f66f633
	// manifest.json 393
	// country.dat 620
}
