"""What the plugin costs a run of pytest: where no test uses it, and where each has a database of 10 MB."""

import subprocess
import sys
from pathlib import Path

import fixtures
from measure import Command, Side, run
from rows import Aim, Bench, Row

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".tools" / "bench-pytest"
PYTEST = "9.2.0"
PLAIN, LOADED = 100, 50
EACH = 0.010  # seconds for a further test with a database


def python() -> Path:
    """A Python with pytest and the plugin, installed anew, since the plugin is what is measured."""
    if not HOME.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
    pip = [HOME / "bin" / "pip", "install", "-q", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, f"pytest=={PYTEST}", "hatchling"], check=True)
    subprocess.run([*pip, "--no-build-isolation", "--no-deps", "--force-reinstall", ROOT / "python"], check=True)
    subprocess.run([HOME / "bin" / "python", "-m", "compileall", "-q", HOME / "lib"], check=True)
    return HOME / "bin" / "python"


def tests(b: Bench, name: str, source: str) -> Path:
    folder = b.world.work / name
    folder.mkdir()
    (folder / "test_it.py").write_text(source)
    return folder


def pytest(b: Bench, folder: Path, *options) -> Command:
    env = {"IRISFIX_BINARY": b.world.irisfix, "IRISFIX_CACHE_DIR": b.world.work / "cache-pytest",
           "PYTHONDONTWRITEBYTECODE": ""}  # else pytest compiles the plugin in every run
    return Command([HOME / "bin" / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *options], cwd=folder, env=env)


def unused(b: Bench) -> list[Side]:
    python()
    folder = tests(b, "unused", f"import pytest\n@pytest.mark.parametrize('n', range({PLAIN}))\ndef test_it(n): pass\n")
    return [Side("pytest with the plugin", lambda: pytest(b, folder)),
            Side("pytest without", lambda: pytest(b, folder, "-p", "no:irisfix"))]


def databases(b: Bench) -> list[Side]:
    python()
    source = fixtures.ten_mb_db(b.world.data)
    fixture = fixtures.created(b.world.data, "ten", source, b.create_now, fixtures.checksum(b.world.irisfix))

    def with_databases(number: int) -> Path:
        return tests(b, f"with-{number}", f"import pytest\n@pytest.mark.dat_fixture({str(fixture)!r})\n"
                     f"@pytest.mark.parametrize('n', range({number}))\ndef test_it(n, dat_fixture_connection): pass\n")

    many, one = with_databases(LOADED + 1), with_databases(1)
    run(pytest(b, one), b.world.work)  # makes the template
    return [Side(f"{LOADED + 1} tests", lambda: pytest(b, many)), Side("1 test", lambda: pytest(b, one))]


ROWS = [Row("pytest-unused", f"the plugin in a run of {PLAIN} tests without it", unused, Aim("s more", 0.050), runs=21),
        Row("pytest-tests", f"{LOADED} further tests, each with a database of 10 MB", databases, Aim("s more", LOADED * EACH))]
