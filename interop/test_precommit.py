"""pre-commit with our hooks, built by it from a clone of this repository."""

import shutil
import subprocess

import pytest

from conftest import ROOT, need, run
from runner import commit, tree  # noqa: F401, a fixture

PRE_COMMIT = ROOT / ".tools" / "ci" / "bin" / "pre-commit"


@pytest.fixture(scope="session")
def hooks(tree, tmp_path_factory):
    """This repository as pre-commit clones it, and where pre-commit keeps what it built of it."""
    need("git", "go", PRE_COMMIT)
    commit(tree)
    return tree, run("git", "-C", tree, "rev-parse", "HEAD").strip(), tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def project(hooks, irisfix, shop, databases, tmp_path):
    """Somebody's repository with two fixtures, the manifest of a web page, and the configuration from the examples."""
    repository, revision, _ = hooks
    folder = tmp_path / "project"
    shutil.copytree(shop, folder / "fixtures" / "shop")
    irisfix("create", "--name", "types", "--output", folder / "fixtures" / "with a space", "--from", f"sqlite:{databases['types']}")
    (folder / "web").mkdir()
    (folder / "web" / "manifest.json").write_text('{"name": "a page"}\n')
    config = (ROOT / "examples" / "ci" / ".pre-commit-config.yaml").read_text()
    config = config.replace("https://github.com/irisfix/irisfix", str(repository)).replace("v1.0.0", revision) + "      - id: irisfix-no-raw-dat\n        exclude: ^fixtures/\n"
    (folder / ".pre-commit-config.yaml").write_text(config)
    commit(folder)
    return folder


@pytest.fixture
def hook(hooks, irisfix, project):
    """Runs a hook on what is staged, or on all. Returns the exit code and what was said."""
    env = {k: v for k, v in irisfix.env.items() if not k.startswith("GO")} | {"PRE_COMMIT_HOME": str(hooks[2]), "PRE_COMMIT_COLOR": "never"}
    for name in ("GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GOFLAGS", "GOTOOLCHAIN"):
        if value := run("go", "env", name).strip():
            env[name] = value

    def run_hook(*args):
        run("git", "-C", project, "add", "-A")
        done = subprocess.run([PRE_COMMIT, "run", *args], cwd=project, env=env, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    return run_hook


def test_whole_fixtures_pass_and_others_do_not(hook, project):
    code, said = hook("irisfix-validate", "--all-files")
    assert code == 0 and "fixtures are whole" in said and "Passed" in said, said

    with open(project / "fixtures" / "shop" / "product.dat", "ab") as f:
        f.write(b"x")
    code, said = hook("irisfix-validate")  # what is staged
    assert code == 1 and "exit code: 2" in said and "checksum mismatch: ./fixtures/shop: product.dat" in said, said
    with open(project / "fixtures" / "with a space" / "manifest.json", "w") as f:
        f.write('{"fixture_id"')
    code, said = hook("irisfix-validate")
    assert code == 1 and "exit code: 9" in said and "fixture invalid: 2 fixtures" in said, said
    run("git", "-C", project, "checkout", "-q", "HEAD", ".")
    (project / "note.txt").write_text("a note")
    code, said = hook("irisfix-validate")
    assert code == 0 and "no files to check" in said, said


def test_a_tag_that_has_moved_is_told(hook, project, registry, irisfix, shop, databases, tmp_path):
    at = f"{registry.host}/acme/shop:1"
    irisfix("--lock-file", project / "irisfix.lock", "push", shop, at, "--pin", "shop")
    code, said = hook("irisfix-pin-check")
    assert code == 0 and "Passed" in said, said
    commit(project)
    irisfix("create", "--name", "shop", "--version", "2.0.0", "--output", tmp_path / "newer", "--from", f"sqlite:{databases['shop']}")
    irisfix("push", tmp_path / "newer", at)
    code, said = hook("irisfix-pin-check")
    assert code == 0 and "no files to check" in said, said
    code, said = hook("irisfix-pin-check", "--all-files")
    assert code == 1 and "exit code: 8" in said and "irisfix: pin violation" in said, said


def test_data_outside_of_fixtures_is_kept_out_of_git(hook, project):
    code, said = hook("irisfix-no-raw-dat", "--all-files")
    assert code == 0, said
    (project / "IRIS.DAT").write_bytes(b"data")
    code, said = hook("irisfix-no-raw-dat")
    assert code == 1 and "irisfix push DIRECTORY REFERENCE --pin NAME" in said and "IRIS.DAT" in said, said
