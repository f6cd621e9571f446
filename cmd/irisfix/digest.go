package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle"
)

func newDigest(a *app) *cobra.Command {
	return a.new("digest DIR", "Print the digest that a fixture directory packs to",
		`Prints the digest of the bundle that push would make of a directory, without a network. One
directory packs to one digest, on every machine.`,
		`  irisfix digest fixtures/orders`,
		exactly("DIR"), func(cmd *cobra.Command, args []string) error { return a.digest(cmd.Context(), args[0]) })
}

func (a *app) digest(ctx context.Context, dir string) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	f, err := bundle.OpenDir(dir, w.Bundle(dir))
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := bundle.Pack(ctx, f)
	if err != nil {
		return err
	}
	object := struct {
		schema
		Digest string `json:"digest"`
	}{schema1, b.Descriptor.Digest.String()}
	return a.result(object, func() { a.data("%s", object.Digest) })
}
