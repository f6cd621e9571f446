package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"oras.land/oras-go/v2/registry/remote/auth"
)

func newLogin(a *app) *cobra.Command {
	var user string
	var fromStdin bool
	cmd := a.new("login REGISTRY", "Log in to a registry",
		`Checks a user name and a password or token with a registry and keeps them where Docker does: in
its configuration file or the credential helper that it names. The password comes from a prompt
or from standard input, never from an argument.`,
		`  irisfix login registry.example.com
  echo "$TOKEN" | irisfix login ghcr.io --username me --password-stdin`,
		exactly("REGISTRY"), func(cmd *cobra.Command, args []string) error {
			return a.login(cmd.Context(), args[0], user, fromStdin)
		})
	cmd.Flags().StringVarP(&user, "username", "u", "", "user name")
	cmd.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	return cmd
}

func newLogout(a *app) *cobra.Command {
	return a.new("logout REGISTRY", "Forget the login of a registry", `Removes the credential for a registry from where Docker keeps it.`,
		`  irisfix logout registry.example.com`, exactly("REGISTRY"), func(cmd *cobra.Command, args []string) error {
			c, err := a.around.Credentials()
			if err != nil {
				return err
			}
			if err := c.Logout(cmd.Context(), args[0]); err != nil {
				return err
			}
			return a.result(struct {
				schema
				Registry string `json:"registry"`
			}{schema1, args[0]}, func() { a.data("logged out of %s", args[0]) })
		})
}

func (a *app) login(ctx context.Context, host, user string, fromStdin bool) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	cred := auth.Credential{Username: user}
	if cred.Username == "" {
		if fromStdin {
			return usageError("--password-stdin needs --username")
		}
		if cred.Username, err = a.ask("Username: "); err != nil {
			return err
		}
	}
	if cred.Password, err = a.password(fromStdin); err != nil {
		return err
	}
	c, err := a.around.Credentials()
	if err != nil {
		return err
	}
	where, err := w.Client().Login(ctx, c, host, cred)
	if err != nil {
		return err
	}
	return a.result(struct {
		schema
		Registry string `json:"registry"`
		Stored   string `json:"stored_in"`
	}{schema1, host, where}, func() { a.data("logged in to %s as %s, kept in %s", host, cred.Username, where) })
}

// ask reads a line from the terminal.
func (a *app) ask(prompt string) (string, error) {
	if f, ok := a.in.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return "", usageError("there is no terminal to ask on; give --username and --password-stdin")
	}
	fmt.Fprint(a.err, prompt)
	line, err := bufio.NewReader(a.in).ReadString('\n')
	return strings.TrimSpace(line), err
}

// maxPassword is longer than any token.
const maxPassword = 64 << 10

func (a *app) password(fromStdin bool) (string, error) {
	if fromStdin {
		data, err := io.ReadAll(io.LimitReader(a.in, maxPassword))
		password := strings.TrimRight(string(data), "\r\n")
		if err == nil && password == "" {
			return "", usageError("standard input holds no password")
		}
		return password, err
	}
	f, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", usageError("there is no terminal to ask on; give --password-stdin")
	}
	fmt.Fprint(a.err, "Password: ")
	data, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(a.err)
	return string(data), err
}
