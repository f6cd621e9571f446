package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/workspace"
)

func newPush(a *app) *cobra.Command {
	var o workspace.PushOptions
	cmd := a.new("push DIR REFERENCE", "Push a fixture to a registry",
		`Verifies a fixture directory, packs it as an OCI artifact and pushes it. Files that the registry
has are not sent again; an unchanged push is one request. The tag is set last, so that nobody
ever sees half a fixture.`,
		`  irisfix push fixtures/orders ghcr.io/acme/fixtures/orders:1.0.0
  irisfix push fixtures/orders registry.example.com/orders:1.0.0 --pin orders`,
		exactly("DIR", "REFERENCE"), func(cmd *cobra.Command, args []string) error {
			if o.Pin != "" && !bundle.ValidName(o.Pin) {
				return notAName(o.Pin)
			}
			return a.push(cmd.Context(), args[0], args[1], o)
		})
	cmd.Flags().StringVar(&o.Pin, "pin", "", "pin this name to what was pushed")
	cmd.Flags().BoolVar(&o.NoClobber, "no-clobber", false, "refuse to move a tag that stands for something else")
	return cmd
}

type pushedJSON struct {
	Path   string `json:"path"`
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
}

func (a *app) push(ctx context.Context, dir, reference string, o workspace.PushOptions) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	p, err := w.Push(ctx, dir, reference, o)
	if err != nil {
		return err
	}
	object := struct {
		schema
		Reference string       `json:"reference"`
		Digest    string       `json:"digest"`
		Previous  string       `json:"previous_digest"`
		Files     []pushedJSON `json:"files"`
		Sent      int64        `json:"bytes_sent"`
		Reused    int64        `json:"bytes_reused"`
		Requests  int64        `json:"requests"`
	}{schema1, p.Reference, p.Descriptor.Digest.String(), p.Previous.String(), []pushedJSON{}, p.Sent, p.Reused, w.Client().Requests()}
	for _, l := range p.Bundle.Image.Layers {
		if l.MediaType == bundle.MediaDAT {
			object.Files = append(object.Files, pushedJSON{l.Annotations["org.opencontainers.image.title"], l.Digest.String(), l.Size})
		}
	}
	return a.result(object, func() {
		switch {
		case p.Previous == p.Descriptor.Digest:
			a.data("unchanged %s", p.Reference)
		case p.Previous != "":
			a.data("pushed %s", p.Reference)
			a.data("  the tag has moved: it stood for %s", p.Previous)
		default:
			a.data("pushed %s", p.Reference)
		}
		a.data("  %s sent, %s there already, %s", phrase.Bytes(p.Sent), phrase.Bytes(p.Reused), phrase.Count(object.Requests, "request"))
		if p.Pinned != nil {
			a.printPinned(*p.Pinned)
		}
	})
}
