"""act, which runs workflows of GitHub on this machine: the steps are processes here, and actions are folders here."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import IRISFIX, ROOT, need, run

STAND_IN = ROOT / "interop" / "ci" / "cache"
PINNED = re.findall(r"uses: (actions/[a-z-]+@\w+)", (ROOT / "action.yml").read_text() + (ROOT / ".github" / "workflows" / "ci.yml").read_text())
NOTHING = "name: nothing\ndescription: what it brings is here already\nruns:\n  using: composite\n  steps: [{run: ':', shell: sh}]\n"


class Runner:
    """A machine that runs workflows. What its cache service holds outlives it: store is that of all runners."""

    def __init__(self, home, action, store):
        self.home, self.action = home, action
        self.env = {"IRISFIX_CACHE_DIR": str(home / "irisfix"), "CACHE_STORE": str(store), "GITHUB_TOKEN": ""}
        self.nothing = home / "nothing"
        self.nothing.mkdir(parents=True)
        (self.nothing / "action.yml").write_text(NOTHING)

    def act(self, project, *options):
        """Runs the workflows for a push to the project. Returns the exit code and what was said."""
        folders = {"cache": STAND_IN, "setup-go": self.nothing}
        actions = {"irisfix/irisfix@v1.0.0": self.action} | {a: folders[n] for a in PINNED if (n := re.split("[/@]", a)[1]) in folders}
        command = [ROOT / ".tools" / "act", "push", "--pull=false", "--actor", "octocat"]
        for system in ("ubuntu-latest", "macos-latest", "windows-latest"):
            command += ["--platform", f"{system}=-self-hosted"]
        for name, folder in actions.items():
            command += ["--local-repository", f"{name}={folder}"]
        for name, value in self.env.items():
            command += ["--env", f"{name}={value}"]
        environment = {"HOME": str(self.home), "PATH": f"{IRISFIX.parent}:{os.environ['PATH']}", "NO_COLOR": "1"}
        done = subprocess.run([*map(str, command), *map(str, options)], cwd=project, env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout

    def passes(self, project, *options):
        code, said = self.act(project, *options)
        assert code == 0, said
        return said

    def fails(self, project, *options):
        code, said = self.act(project, *options)
        assert code != 0, said
        return said


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """What a checkout of this repository holds, with what is not committed yet."""
    need("git")
    folder = tmp_path_factory.mktemp("tree")
    for name in run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT).split("\0"):
        if name and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    return folder


@pytest.fixture(scope="session")
def action(tmp_path_factory):
    """The action alone: what it needs unless it is to be built from source."""
    folder = tmp_path_factory.mktemp("action")
    shutil.copy(ROOT / "action.yml", folder)
    shutil.copytree(ROOT / "ci", folder / "ci")
    return folder


def commit(folder: pathlib.Path):
    """Makes a git repository of a folder."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", folder]
    if not (folder / ".git").exists():
        run(*git, "init", "-q", "-b", "main")
        run(*git, "remote", "add", "origin", "https://github.com/acme/Shop.git")
    run(*git, "add", "-A")
    run(*git, "commit", "-q", "--allow-empty", "-m", "a change")
