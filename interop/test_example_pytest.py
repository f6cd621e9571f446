"""The sample project for pytest, from a clean clone, exactly as its README says."""

import os
import re

from conftest import ROOT, run


def test_example(tmp_path):
    run("git", "clone", "-q", ROOT, tmp_path / "clone")
    run("python3", "-m", "venv", tmp_path / "environment")
    here = tmp_path / "clone" / "examples" / "pytest"
    commands = re.search(r"```console\n(.*?)```", (here / "README.md").read_text(), re.S)[1].splitlines()
    assert commands[-1] == "pytest" and len(commands) <= 3
    env = {k: v for k, v in os.environ.items() if not k.startswith(("IRIS", "PYTEST"))} | {
        "PATH": f"{tmp_path}/environment/bin:{tmp_path}/bin:{os.environ['PATH']}", "GOBIN": str(tmp_path / "bin"),
        "HOME": str(tmp_path), "GOPATH": run("go", "env", "GOPATH").strip(), "GOCACHE": run("go", "env", "GOCACHE").strip()}
    printed = [run("bash", "-ec", line, cwd=here, env=env) for line in commands]
    assert re.search(r"^=+ 7 passed in ", printed[-1], re.M), printed[-1]
    assert not run("git", "status", "--porcelain", cwd=here), "the tests leave something in the project"
