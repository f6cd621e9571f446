"""Options on the command line and in files of settings."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from conftest import irisfix
from irisfix import binary

TWO_TESTS = '''
import pytest
@pytest.mark.dat_fixture("pinned")
def test_one(dat_fixture_connection): assert dat_fixture_connection.execute("SELECT count(*) FROM one").fetchone() == (3,)
def test_other(): pass
'''


@pytest.fixture
def pinned(suite: pytest.Pytester, one: Path, registry: str, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Tests with a pin, and an empty cache."""
    irisfix("push", one, f"{registry}/options/one:1", "--pin", "pinned", "--lock-file", suite.path / "irisfix.lock")
    monkeypatch.setenv("IRISFIX_CACHE_DIR", str(suite.path / "cache"))
    suite.makepyfile(test_it=TWO_TESTS)
    return suite


@pytest.mark.parametrize("settings", ["pytest.ini", "pyproject.toml", "command line"])
def test_a_lock_file_that_is_elsewhere(pinned: pytest.Pytester, settings: str) -> None:
    other = pinned.mkdir("pins") / "other.lock"
    (pinned.path / "irisfix.lock").rename(other)
    args = []
    if settings == "pytest.ini":
        pinned.makeini("[pytest]\nirisfix_lock_file = pins/other.lock")
    elif settings == "pyproject.toml":
        (pinned.path / "tox.ini").unlink()
        pinned.makepyprojecttoml('[tool.pytest.ini_options]\nirisfix_lock_file = "pins/other.lock"\nirisfix_frozen = true')
    else:
        args = ["--irisfix-lock-file", "other.lock", "--rootdir", str(pinned.path), "../test_it.py"]
        os.chdir(other.parent)
    pinned.runpytest(*args).assert_outcomes(passed=2)


@pytest.mark.parametrize("offline", ["--irisfix-offline", "ini", "environment"])
def test_offline_nothing_is_fetched(pinned: pytest.Pytester, offline: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if offline == "ini":
        pinned.makeini("[pytest]\nirisfix_offline = yes")
    elif offline == "environment":
        monkeypatch.setenv("IRISFIX_OFFLINE", "1")
    args = [offline] if offline.startswith("-") else []
    result = pinned.runpytest(*args)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["irisfix: not cached: *options/one*", "ERROR test_it.py::test_one*"])
    pinned.makeini("[pytest]")
    monkeypatch.delenv("IRISFIX_OFFLINE", raising=False)
    pinned.runpytest().assert_outcomes(passed=2)
    pinned.runpytest("--irisfix-offline").assert_outcomes(passed=2)


def test_frozen_takes_only_what_is_pinned(pinned: pytest.Pytester, registry: str) -> None:
    pinned.makepyfile(test_it=TWO_TESTS.replace("pinned", f"{registry}/options/one:1"))
    pinned.runpytest().assert_outcomes(passed=2)
    result = pinned.runpytest("--irisfix-frozen")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"irisfix: pin violation: {registry}/options/one:1"])


def test_a_missing_fixture_is_an_error_of_each_test_that_needs_it(suite: pytest.Pytester) -> None:
    suite.makepyfile(TWO_TESTS + TWO_TESTS.replace("test_", "test_more_"))
    result = suite.runpytest()
    result.assert_outcomes(passed=2, errors=2)
    result.stdout.fnmatch_lines([
        "*ERROR at setup of test_one*",
        "irisfix: not found: pinned",
        "",
        "What went wrong:",
        "  neither a name in irisfix.lock, *",
        "",
        "How to fix it:",
        "  1. Pin a fixture under that name:  *irisfix pin pinned REGISTRY/REPOSITORY:TAG",
    ], consecutive=True)
    result.stdout.no_fnmatch_line("*.py:*: ")  # no traceback


@pytest.mark.parametrize("workers", [[], ["-n2"]])
def test_required_fixtures_are_there_before_the_first_test(pinned: pytest.Pytester, workers: "list[str]") -> None:
    late = "import pytest\n@pytest.mark.dat_fixture('absent', 'missing')\ndef test_late(): pass\n"
    pinned.makepyfile(test_late=late + late.replace("test_late", "test_later"))
    (pinned.path / "conftest.py").write_text("import pathlib\ndef pytest_runtest_setup(item): pathlib.Path('ran').touch()")
    result = pinned.runpytest("--irisfix-required", *workers)
    assert result.ret not in (0, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
    assert not Path("ran").exists()
    out = result.stdout.str()
    errors = out.split("short test summary")[0]
    assert [errors.count(f"irisfix: not found: {name}") for name in ("absent", "missing")] == [1, 1]
    assert out.count("ERROR collecting test_late.py _") == 2
    assert "INTERNALERROR" not in out + result.stderr.str()

    pinned.runpytest("--irisfix-required", "-k", "not test_late", *workers).assert_outcomes(passed=2)
    assert Path("ran").exists()


def test_required_tells_wrong_marks_too(suite: pytest.Pytester) -> None:
    """pytest asks for no parameters of a unittest.TestCase, and marks of parameters come later."""
    suite.makepyfile("""
import pytest, unittest
@pytest.mark.dat_fixture("fixtures/one", scop="class")
class TestIt(unittest.TestCase):
    def test_it(self): pass
@pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.dat_fixture())])
@pytest.mark.dat_fixture("fixtures/two")
def test_n(n): pass
@pytest.mark.dat_fixture("absent", "nowhere")
def test_more(): pass
""")
    result = suite.runpytest("--irisfix-required")
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(["*it has no argument scop", "*it names no fixture", "irisfix: not found: absent", "irisfix: not found: nowhere"])


def test_required_does_not_settle_where_the_server_is(pinned: pytest.Pytester) -> None:
    """A fixture of the session starts a server, and says where it is before the first database is wanted."""
    (pinned.path / "conftest.py").write_text("""
import os, pytest
@pytest.fixture(scope="session", autouse=True)
def server(): os.environ["IRISFIX_TARGET"] = "iris://somebody@127.0.0.1:1/USER"
""")
    with pytest.MonkeyPatch.context() as m:
        m.setenv("IRISFIX_TARGET", "sqlite:")
        result = pinned.runpytest("--irisfix-required")
    result.stdout.fnmatch_lines(["irisfix: connection failed: iris://somebody@127.0.0.1:1/USER"])


def test_required_fetches_nothing_while_tests_are_only_listed(pinned: pytest.Pytester) -> None:
    pinned.makeini("[pytest]\nirisfix_required = true")
    assert pinned.runpytest("--collect-only", "-q").ret == 0
    assert not Path("cache", "blobs").exists()


@pytest.mark.parametrize("workers", [[], ["-n2"]])
def test_kept_databases_are_printed_with_how_to_look_into_them(pinned: pytest.Pytester, workers: "list[str]") -> None:
    pinned.makepyfile(test_it=TWO_TESTS + '''
@pytest.mark.dat_fixture("fixtures/two", scope="module")
def test_dies(dat_fixture_connection):
    dat_fixture_connection.execute("INSERT INTO two VALUES (77)")
    dat_fixture_connection.commit()
''' + ("    import os; os._exit(3)" if workers else ""))
    result = pinned.runpytest("--irisfix-keep", "-o", "tmp_path_retention_policy=none", *workers)
    section = result.stdout.str().split("databases that were kept")[1]
    found = dict(re.findall(r"(test_it.py::\S+): sqlite3 (\S+\.db)", section))
    assert list(found) == ["test_it.py::test_one", "test_it.py::test_dies"]
    with_rows = subprocess.run(["sqlite3", found["test_it.py::test_dies"], "SELECT max(n) FROM two"], capture_output=True, encoding="utf-8")
    assert with_rows.stdout == "77\n"
    (command,) = re.findall(r"^remove all: (.*)$", section, re.MULTILINE)
    folder = Path(found["test_it.py::test_one"]).parent
    assert command == f"rm -r {folder}" and folder.exists()
    subprocess.run(command, shell=True, check=True)
    assert not folder.exists()


def test_where_nothing_is_kept_no_folder_is(pinned: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(pinned.mkdir("temporary")))
    pinned.runpytest("--irisfix-keep", "-k", "other").stdout.no_fnmatch_line("*databases that were kept*")
    assert not list(Path("temporary").iterdir())


def test_without_keep_nothing_is_said(pinned: pytest.Pytester) -> None:
    pinned.runpytest().stdout.no_fnmatch_line("*irisfix:*")


def test_a_wheel_brings_the_program_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, on_path = tmp_path / "wheel" / "irisfix", tmp_path / "path" / "irisfix"
    for program in (inside, on_path):
        program.parent.mkdir()
        program.touch(0o755)
    monkeypatch.setattr(binary, "_BUNDLED", inside)
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert binary.find() == str(Path(os.environ["IRISFIX_BINARY"]).absolute())
    monkeypatch.delenv("IRISFIX_BINARY")
    assert binary.find() == str(inside)
    inside.unlink()
    assert binary.find() == str(on_path)


def test_no_binary(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    suite.makepyfile("import pytest\n@pytest.mark.dat_fixture('fixtures/one')\ndef test_it(): pass")
    monkeypatch.setenv("IRISFIX_BINARY", "/nowhere/irisfix")
    suite.runpytest().stdout.fnmatch_lines(["irisfix: local io: /nowhere/irisfix", "  IRISFIX_BINARY names it, and there is no such program"])
    monkeypatch.delenv("IRISFIX_BINARY")
    monkeypatch.setenv("PATH", "/nowhere")
    suite.runpytest().stdout.fnmatch_lines(["  1. Install it: *go install github.com/irisfix/irisfix/cmd/irisfix@latest"])
