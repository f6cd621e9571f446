"""Git LFS: a repository with history moves to a registry, and its old commits check out with the LFS server gone."""

import filecmp
import json
import os
import pathlib
import shutil
import subprocess

import pytest

import servers
from conftest import IRISFIX, need, run, sha256


class Machine:
    """A user's machine with git, git-lfs and irisfix, in a home of its own."""

    def __init__(self, irisfix):
        need("git", "git-lfs")
        self.irisfix = irisfix
        (irisfix.home / "bin").mkdir(exist_ok=True)
        link = irisfix.home / "bin" / "irisfix"
        if not link.exists():
            link.symlink_to(IRISFIX)
        person = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        self.env = irisfix.env | person | {"PATH": f"{link.parent}:{os.environ['PATH']}", "GIT_CONFIG_NOSYSTEM": "1"}
        self.git(irisfix.home, "config", "--global", "init.defaultBranch", "main")
        self.git(irisfix.home, "lfs", "install", "--skip-repo")

    def git(self, directory, *args, **env):
        return run("git", "-C", directory, *args, env=self.env | env).strip()

    def bash(self, directory, script):
        """Runs a script as it would be pasted into a shell."""
        return run("bash", "-euo", "pipefail", "-c", script, cwd=directory, env=self.env)

    def commands(self, directory, *args):
        """Runs irisfix lfs import and returns the git commands that it prints."""
        printed = run(IRISFIX, "lfs", "import", *args, cwd=directory, env=self.env)
        return "\n".join(line.removeprefix("  ") for line in printed.split("What is left to do:\n")[1].splitlines())

    def clone(self, url, directory, archive):
        """A fresh clone with an empty store, which knows of no LFS server."""
        self.git(self.irisfix.home, "clone", "-q", url, directory, GIT_LFS_SKIP_SMUDGE="1")
        self.bash(directory, f"irisfix lfs agent --install {archive}")
        self.git(directory, "lfs", "pull")


@pytest.fixture
def machine(irisfix):
    return Machine(irisfix)


@pytest.fixture
def other(elsewhere):
    return Machine(elsewhere)


def noise(path, size):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(size))


def create(machine, directory, database, name, version, *statements):
    run("sqlite3", database, ";".join(statements))
    options = ("--force",) if directory.exists() else ()
    machine.irisfix("create", "--name", name, "--version", version, "--output", directory, "--from", f"sqlite:{database}", *options)


@pytest.fixture
def shop(machine, tmp_path):
    """A work tree and the bare repository that it was pushed to. Git LFS keeps the objects of a remote that is a
    directory in that directory, which is the LFS server here."""
    need("sqlite3")
    tree, bare = tmp_path / "shop", tmp_path / "bare"
    commit = lambda: machine.bash(tree, "git add -A && git commit -qm x")
    machine.git(tmp_path, "init", "-q", tree)
    machine.git(tmp_path, "init", "-q", "--bare", bare)
    machine.git(tree, "remote", "add", "origin", f"file://{bare}")
    machine.git(tree, "lfs", "track", "*.dat", "assets/**", "odd name.bin")
    (tree / ".gitignore").write_text("*.log")  # without a last line end
    create(machine, tree / "fixtures/orders", tmp_path / "db", "orders", "1.0.0", "CREATE TABLE orders (id INTEGER PRIMARY KEY, t TEXT)", "INSERT INTO orders VALUES (1, 'a')")
    noise(tree / "assets/logo.png", 20_000)
    noise(tree / "assets/deep/film.mp4", 5 << 20)
    noise(tree / "odd name.bin", 300)
    commit()
    create(machine, tree / "fixtures/orders", tmp_path / "db", "orders", "1.1.0", "INSERT INTO orders VALUES (2, 'b')", "CREATE TABLE customer (id INTEGER PRIMARY KEY)")
    commit()
    machine.git(tree, "tag", "v1.1")
    machine.git(tree, "checkout", "-q", "-b", "side")
    noise(tree / "assets/side.png", 7000)
    noise(tree / "fixtures/gone/x.dat", 100)
    commit()
    machine.git(tree, "checkout", "-q", "main")
    machine.git(tree, "mv", "assets/logo.png", "assets/renamed ü.png")
    machine.git(tree, "rm", "-q", "assets/deep/film.mp4")
    commit()
    noise(tmp_path / "IRIS.DAT", 9 << 20)
    machine.irisfix("create", "--name", "whole", "--output", tree / "fixtures/whole", "--database", tmp_path / "IRIS.DAT")
    (tree / "fixtures/whole/README").write_text("stays in git\n")
    (tree / "fixtures/.gitattributes").write_text("*.DAT filter=lfs diff=lfs merge=lfs -text\n")
    commit()
    machine.git(tree, "push", "-q", "origin", "main", "side", "v1.1")
    return tree, bare


def snapshot(tree):
    """Every file of a work tree and its digest."""
    files = (f for f in sorted(tree.rglob("*")) if f.is_file() and ".git" not in f.relative_to(tree).parts)
    return {str(f.relative_to(tree)): sha256(f) for f in files}


def snapshots(machine, tree):
    """What every commit of all refs checks out to."""
    found = {}
    for commit in machine.git(tree, "rev-list", "--all").split():
        machine.git(tree, "checkout", "-q", commit)
        found[commit] = snapshot(tree)
    return found


def moved(machine, tree, prefix):
    """Does what the import says is left to do."""
    machine.bash(tree, machine.commands(tree, prefix))
    machine.git(tree, "push", "-q", "origin", "main")


def test_old_commits_check_out_with_the_lfs_server_gone(shop, machine, other, registry, tmp_path):
    tree, bare = shop
    prefix = f"{registry.host}/acme/fixtures"
    reference = tmp_path / "reference"
    machine.git(tmp_path, "clone", "-q", f"file://{bare}", reference)
    for branch in ("main", "side"):
        machine.git(reference, "checkout", "-q", branch)
    before = snapshots(machine, reference)
    assert len(before) == 5 and all(len(s) > 4 for s in before.values())
    digests = {name: machine.irisfix("digest", tree / "fixtures" / name)["digest"] for name in ("orders", "whole")}

    moved(machine, tree, prefix)
    lock = json.loads((tree / "irisfix.lock").read_text())["fixtures"]
    assert {name: pin.split("@")[1] for name, pin in lock.items()} == digests
    assert machine.git(tree, "status", "--porcelain") == ""
    assert machine.git(tree, "ls-files", "fixtures").split() == ["fixtures/.gitattributes", "fixtures/whole/README"]
    assert sorted((tree / ".gitattributes").read_text().splitlines()) == [
        "assets/** filter=lfs diff=lfs merge=lfs -text", "odd[[:space:]]name.bin filter=lfs diff=lfs merge=lfs -text"]
    assert (tree / "fixtures/.gitattributes").read_text() == ""
    assert (tree / ".gitignore").read_text().splitlines() == [
        "*.log", "/fixtures/orders/", "/fixtures/whole/IRIS.DAT", "/fixtures/whole/manifest.json"]

    shutil.rmtree(bare / "lfs")
    clone = tmp_path / "clone"
    other.clone(f"file://{bare}", clone, f"{prefix}/lfs")
    other.git(clone, "checkout", "-q", "side")
    other.git(clone, "checkout", "-q", "main")
    after = snapshots(other, clone)
    for commit, files in before.items():
        assert after[commit] == files, commit
        other.git(clone, "checkout", "-q", commit)
        assert "Git LFS fsck OK" in other.git(clone, "lfs", "fsck")

    # The present commit has its fixtures from the lock file, where the old ones had them.
    other.git(clone, "checkout", "-q", "main")
    for name in ("orders", "whole"):
        run(IRISFIX, "pull", name, "-o", clone / "fixtures" / name, cwd=clone, env=other.env)
    assert other.git(clone, "status", "--porcelain") == ""
    assert filecmp.cmp(clone / "fixtures/whole/IRIS.DAT", tree / "fixtures/whole/IRIS.DAT", shallow=False)

    # Without a network the cache is enough.
    shutil.rmtree(clone / ".git/lfs/objects")
    other.git(clone, "lfs", "fetch", "--all", IRISFIX_OFFLINE="1")
    assert "Git LFS fsck OK" in other.git(clone, "lfs", "fsck")
    assert list((clone / ".git/lfs/tmp").glob("*irisfix*")) == []


def test_new_files_are_pushed_and_fetched(shop, machine, other, registry, tmp_path):
    tree, bare = shop
    prefix = f"{registry.host}/acme/fixtures"
    moved(machine, tree, prefix)
    shutil.rmtree(bare / "lfs")
    for i in range(20):  # git-lfs starts several agents
        noise(tree / f"assets/new/{i}.png", 40_000 + i)
    noise(tree / "assets/new/large.mp4", 6 << 20)
    machine.bash(tree, "git add -A && git commit -qm new && git push -q origin main")
    assert not (bare / "lfs").exists()
    clone = tmp_path / "clone"
    other.clone(f"file://{bare}", clone, f"{prefix}/lfs")
    assert snapshot(clone) == {name: d for name, d in snapshot(tree).items() if not name.startswith("fixtures/") or name.endswith(("README", ".gitattributes"))}

    # Everything is named by an image manifest, so an import finds nothing to do; from the other machine neither, which
    # has the history's objects from the archive.
    for who, directory in ((machine, tree), (other, clone)):
        again = json.loads(run(IRISFIX, "lfs", "import", prefix, "--json", "--progress", "none", cwd=directory, env=who.env))
        assert (again["archive"]["bytes_sent"], again["archive"]["added"], again["fixtures"]) == (0, [], [])


def test_the_agent_says_what_is_wrong(shop, machine, registry, tmp_path):
    tree, bare = shop
    machine.bash(tree, f"irisfix lfs agent --install {registry.host}/nobody/lfs")
    shutil.rmtree(tree / ".git/lfs/objects")
    shutil.rmtree(bare / "lfs")
    done = subprocess.run(["git", "-C", tree, "lfs", "fetch"], capture_output=True, text=True, env=machine.env)
    assert done.returncode != 0
    assert "does not have the object (Bring it there from a clone that has it: irisfix lfs import" in done.stderr
    assert done.stderr.count("error transferring") == len(machine.git(tree, "lfs", "ls-files").splitlines())  # the agent goes on with the next


def test_git_lfs_fetches_what_an_import_needs(shop, machine, other, registry, tmp_path):
    tree, bare = shop
    clone = tmp_path / "clone"
    other.git(tmp_path, "clone", "-q", f"file://{bare}", clone, GIT_LFS_SKIP_SMUDGE="1")
    plan = json.loads(run(IRISFIX, "lfs", "plan", "--json", cwd=clone, env=other.env))
    assert plan["history"]["absent"] == plan["history"]["objects"] > 0
    assert not [f for f in (clone / ".git/lfs/objects").rglob("*") if f.is_file()]
    # The branch side is known as a ref of the remote.
    done = json.loads(run(IRISFIX, "lfs", "import", f"{registry.host}/acme", "--json", cwd=clone, env=other.env))
    here = json.loads(run(IRISFIX, "lfs", "import", f"{registry.host}/twice", "--json", cwd=tree, env=machine.env))
    assert done["archive"]["objects"] == here["archive"]["objects"] == plan["history"]["objects"]
    assert [f["digest"] for f in done["fixtures"]] == [f["digest"] for f in here["fixtures"]]
    assert [a.split("@")[1] for a in done["archive"]["added"]] == [a.split("@")[1] for a in here["archive"]["added"]]
    # Those of HEAD too, in a clone that is set up to fetch none.
    lean = tmp_path / "lean"
    other.git(tmp_path, "clone", "-q", f"file://{bare}", lean, GIT_LFS_SKIP_SMUDGE="1")
    other.git(lean, "config", "lfs.fetchexclude", "*")
    head = json.loads(run(IRISFIX, "lfs", "import", f"{registry.host}/head", "--head-only", "--json", cwd=lean, env=other.env))
    assert [f["digest"] for f in head["fixtures"]] == [f["digest"] for f in here["fixtures"]]


def test_the_plan_counts_what_git_lfs_counts(shop, machine):
    tree, _ = shop
    plan = json.loads(run(IRISFIX, "lfs", "plan", "--json", cwd=tree, env=machine.env))
    files = [f["path"] for x in plan["fixtures"] for f in x["files"]] + [o["path"] for o in plan["others"]]
    assert sorted(files) == sorted(machine.git(tree, "-c", "core.quotePath=off", "lfs", "ls-files", "--name-only").splitlines())
    every = {line.split()[0] for line in machine.git(tree, "lfs", "ls-files", "--all", "--long").splitlines()}
    assert plan["history"]["objects"] == len(every)


def read_by(args, **options):
    """How many bytes a program reads, from files and sockets (proc(5), rchar)."""
    process = subprocess.Popen([str(a) for a in args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    printed = process.stdout.read(), process.stderr.read()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    account = pathlib.Path(f"/proc/{process.pid}/io").read_text()
    assert process.wait() == 0, printed
    return int(account.split()[1])


def test_a_gigabyte_is_read_once(machine, tmp_path, say):
    tree, size = tmp_path / "tree", 1 << 30
    machine.git(tmp_path, "init", "-q", tree)
    machine.git(tree, "lfs", "track", "*.DAT", "*.bin")
    with open(tmp_path / "IRIS.DAT", "wb") as f:
        for _ in range(size >> 24):
            f.write(os.urandom(1 << 24))
    machine.irisfix("create", "--name", "large", "--output", tree / "fixtures/large", "--database", tmp_path / "IRIS.DAT")
    (tmp_path / "IRIS.DAT").unlink()
    for i in range(30):
        noise(tree / f"{i}.bin", 1 << 20)
    machine.bash(tree, "git add -A && git commit -qm large")
    for f in (tree / ".git/lfs/objects").rglob("*"):
        os.utime(f, (0, 0))  # of files that were written this moment nothing is remembered
    wanted = machine.irisfix("digest", tree / "fixtures/large")["digest"]
    with servers.embedded(IRISFIX, tmp_path / "registry") as server:
        command = [IRISFIX, "lfs", "import", f"{server.host}/acme", "--progress", "none"]
        read = read_by(command, cwd=tree, env=machine.env)
        again = read_by(command, cwd=tree, env=machine.env)
    say(f"{read:,} bytes were read for {size + (30 << 20):,}, then {again:,}")
    assert size + (30 << 20) <= read <= (size + (30 << 20)) * 1.01
    assert again < 2 << 20
    assert json.loads((tree / "irisfix.lock").read_text())["fixtures"]["large"].endswith(wanted)
