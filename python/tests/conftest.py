"""What the tests stand on: the program irisfix, small fixtures, a registry, and the IRIS of the tests."""

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest

pytest_plugins = ["pytester"]

BINARY = os.environ.get("IRISFIX_BINARY", "")
SHOP = Path(__file__).resolve().parents[2] / "testdata" / "fixtures" / "shop"
MINE = ("IRISFIX_BINARY", "IRISFIX_TEST_IRISTEST")


def irisfix(*args: Any, **env: str) -> Dict[str, Any]:
    """Runs a command that must succeed, and returns its JSON."""
    done = subprocess.run([BINARY, *map(str, args), "--json", "--progress", "none"], capture_output=True, encoding="utf-8", env={**os.environ, **env})
    assert done.returncode == 0, f"{args}: {done.returncode}\n{done.stdout}{done.stderr}"
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def default_interrupt() -> None:
    """What runs in the background of a shell ignores SIGINT, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home and a cache of the tests' own, and nothing in the environment that means irisfix or IRIS."""
    assert BINARY, "IRISFIX_BINARY must name the program"
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as m:
        for name in [n for n in os.environ if n.startswith(("IRISFIX_", "IRIS_", "PYTEST_XDIST")) and n not in MINE]:
            m.delenv(name)
        m.setenv("HOME", str(home))
        m.setenv("TMPDIR", str(home))
        m.setattr(tempfile, "tempdir", str(home))
        m.setenv("DOCKER_CONFIG", str(home))
        m.setenv("IRISFIX_CACHE_DIR", str(home / "cache"))
        m.setenv("SOURCE_DATE_EPOCH", "1767225600")
        yield


Make = Callable[..., Path]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes a fixture with one table, in which there are the numbers 1 to n."""

    def make(name: str, n: int = 3, table: str = "") -> Path:
        folder = tmp_path_factory.mktemp("made")
        with contextlib.closing(sqlite3.connect(folder / "source.db")) as db:
            db.execute(f'CREATE TABLE "{table or name}" (n INTEGER PRIMARY KEY)')
            db.executemany(f'INSERT INTO "{table or name}" VALUES (?)', [(i + 1,) for i in range(n)])
            db.commit()
        irisfix("create", "--name", name, "--output", folder / name, "--from", f"sqlite:{folder / 'source.db'}")
        return folder / name

    return make


@pytest.fixture(scope="session")
def one(make: Make) -> Path:
    return make("one")


@pytest.fixture(scope="session")
def two(make: Make) -> Path:
    return make("two", 5)


@contextlib.contextmanager
def process(args: List[str], address: str) -> Iterator[str]:
    """A server that says where it listens, and is ended."""
    p = subprocess.Popen(args, stdout=subprocess.PIPE, encoding="utf-8")
    assert p.stdout
    try:
        found = re.search(address, p.stdout.readline())
        assert found
        yield found[1]
    finally:
        p.terminate()
        p.wait()
        p.stdout.close()


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry, as HOST:PORT."""
    with process([BINARY, "serve", "--addr", "127.0.0.1:0", "--dir", str(tmp_path_factory.mktemp("registry"))], r"http://(\S+)") as host:
        yield host


@pytest.fixture
def suite(pytester: pytest.Pytester, one: Path, two: Path) -> pytest.Pytester:
    """A folder for tests, in which the fixtures one and two are directories."""
    for fixture in (one, two):
        (pytester.path / "fixtures").mkdir(exist_ok=True)
        (pytester.path / "fixtures" / fixture.name).symlink_to(fixture)
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider")
    return pytester
