"""The sample project for Go, from a clean directory and a home without a cache, as its README says."""

import json
import os
import re

from conftest import ROOT, need, run


def test_its_readme(tmp_path):
    need("git", "go")
    run("git", "clone", "--quiet", ROOT, tmp_path / "irisfix")
    readme = (tmp_path / "irisfix" / "examples" / "go" / "README.md").read_text()
    begin, *more = re.findall(r"^```sh\n(.*?)^```$", readme, re.M | re.S)
    assert begin.splitlines()[-1] == "go test ./..." and len(begin.splitlines()) <= 3 and more

    go = json.loads(run("go", "env", "-json", "GOCACHE", "GOMODCACHE"))
    env = {k: v for k, v in os.environ.items() if not k.startswith(("IRISFIX_", "IRIS_"))}
    env |= go | {"HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    output = run("sh", "-e", "-c", begin + "".join(more), cwd=tmp_path / "irisfix", env=env)
    assert re.findall(r"^(\S+)\s+example.com/shop\s", output, re.M) == ["ok"] * (1 + len(more)), output
    assert len(list((tmp_path / "cache" / "irisfix" / "templates").glob("*.json"))) == 1
