package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/explain"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/lfs"
	"github.com/irisfix/irisfix/registry"
)

func (a *app) newLFSAgent() *cobra.Command {
	var install bool
	cmd := a.new("agent REPOSITORY", "Serve Git LFS from a registry, as its transfer agent",
		`Is started by git-lfs, and speaks with it on standard input and output: objects come from the archive
that irisfix lfs import has made, through the cache, and new ones go there. So old commits check out,
and pushes with files in Git LFS work, without an LFS server.

With --install it only tells git-lfs in this clone to do so: it sets lfs.customtransfer.irisfix.path,
lfs.customtransfer.irisfix.args and lfs.standalonetransferagent in .git/config. A file in the
repository (.lfsconfig) cannot: git-lfs runs no program that it names.`,
		`  irisfix lfs agent --install ghcr.io/acme/fixtures/lfs`,
		exactly("REPOSITORY"), func(cmd *cobra.Command, args []string) error {
			if install {
				return a.lfsInstall(cmd.Context(), args[0])
			}
			return a.lfsAgent(cmd.Context(), args[0])
		})
	cmd.Flags().BoolVar(&install, "install", false, "only set up this clone")
	return cmd
}

func (a *app) lfsInstall(ctx context.Context, repository string) error {
	at, err := lfs.ParseRepository(repository)
	if err != nil {
		return err
	}
	settings := [][2]string{
		{"lfs.customtransfer.irisfix.path", ownProgram()},
		{"lfs.customtransfer.irisfix.args", strings.Join(append(a.lfsFlags(), "lfs", "agent", at.Name()), " ")},
		{"lfs.standalonetransferagent", "irisfix"},
	}
	if err := lfs.Configure(ctx, ".", settings); err != nil {
		return err
	}
	object := struct {
		schema
		Settings map[string]string `json:"settings"`
	}{schema1, map[string]string{}}
	for _, s := range settings {
		object.Settings[s[0]] = s[1]
	}
	return a.result(object, func() {
		for _, s := range settings {
			a.data("%s = %s", s[0], s[1])
		}
	})
}

// agentMeter gives progress to git-lfs too. What it says on the error stream git-lfs shows with GIT_TRACE=1.
type agentMeter struct {
	meter
	agent *lfs.Agent
}

func (m agentMeter) registry(e registry.Event) {
	m.agent.Notify(e)
	m.meter.registry(e)
}

func (a *app) lfsAgent(ctx context.Context, repository string) error {
	started := "fetch" // by git lfs fetch, or by a git push
	agent := &lfs.Agent{Explain: func(err error) (int, string) { return a.explainLine(err, started) }}
	agent.Begin = func(ctx context.Context, operation string) (lfs.Transfers, error) {
		if operation == "upload" {
			started = "push"
		}
		a.meter = agentMeter{a.meter, agent}
		at, err := lfs.ParseRepository(repository)
		if err != nil {
			return nil, err
		}
		store, err := lfs.OpenStore(ctx, ".")
		if err != nil {
			return nil, err
		}
		w, err := a.workspace()
		if err != nil {
			return nil, err
		}
		return &lfs.ArchiveTransfers{Archive: lfs.Archive{Client: w.Client(), At: at}, Cache: w.Cache(), Store: store}, nil
	}
	return agent.Serve(ctx, a.in, a.out)
}

// explainLine is an error for git-lfs, which shows a number and a line. What a user can do again is git lfs fetch or push.
func (a *app) explainLine(err error, started string) (int, string) {
	in := a.invocation(err)
	in.Typed = []string{"git", "lfs", started}
	x := explain.Error(err, in)
	text := x.Class.Words() + ": " + x.Subject + ": " + strings.Join(x.What, "; ")
	if advice := explain.Lines(x.Fix); len(advice) > 0 {
		text += " (" + strings.Join(advice, "; ") + ")"
	}
	return x.Class.Code, phrase.OneLine(text)
}
