"""The plugin for pytest and its package, with its own tests: on the oldest and the newest Python and pytest that can be had,
and on the Python that is here, there also with the official driver of InterSystems IRIS."""

import os
import re
import subprocess
import zipfile

import pytest

from conftest import IRISFIX, ROOT, absent, python, run

HERE = ROOT / "interop" / "python"
PACKAGE = ROOT / "python"


def test_the_wheel_is_whole(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {f"irisfix/{f.name}" for f in (PACKAGE / "src" / "irisfix").glob("*") if f.is_file()}
    assert {n for n in names if n.startswith("irisfix/")} == sources and "irisfix/py.typed" in sources
    metadata = zipfile.ZipFile(wheel).read(next(n for n in names if n.endswith("/METADATA"))).decode()
    assert re.findall(r"^Requires-Dist: (.*)$", metadata, re.M) == ["pytest>=7", "intersystems-irispython>=5.1; extra == 'iris'"]
    assert "Requires-Python: >=3.9\n" in metadata


@pytest.mark.parametrize("name", ["oldest", "newest", "main"])
def test_its_own_tests(plugin, iristest, say, name):
    program = plugin(name)
    env = os.environ | {"IRISFIX_BINARY": str(IRISFIX), "IRISFIX_TEST_IRISTEST": str(iristest)}
    without = [] if name == "main" else ["--ignore", "tests/test_iris.py"]
    done = subprocess.run([program, "-m", "pytest", "-q", "-n2", "-p", "no:cacheprovider", "-W", "error::pytest.PytestWarning", *without],
                          cwd=PACKAGE, capture_output=True, text=True, env=env, timeout=300)
    assert done.returncode == 0 and "skipped" not in done.stdout, done.stdout[-8000:] + done.stderr[-2000:]
    say(done.stdout.strip().split("\n")[-1].strip("= "))


def test_its_types_are_strict():
    run(python("main"), "-m", "mypy", cwd=PACKAGE)


def test_its_functions_take_what_those_of_iris_devtester_take():
    ancestor = ROOT / ".tools" / "iris" / "tools" / "bin" / "python"
    if not ancestor.exists():
        absent("iris-devtester could not be installed")
    run(ancestor, HERE / "ancestor.py", env=os.environ | {"PYTHONPATH": str(PACKAGE / "src")})
