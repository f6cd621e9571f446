"""Exceptions: one for each class of the command, with its text, and the names that old programs catch."""

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

import irisfix
from conftest import BINARY, SHOP
from irisfix import command, errors


def test_there_is_an_exception_for_each_class_with_its_code() -> None:
    table = subprocess.run([BINARY, "help", "exit-codes"], capture_output=True, encoding="utf-8", check=True).stdout
    rows = re.findall(r"^ +(\d+) +([a-z-]+)  ", table, re.M)
    assert len(rows) > 15
    want = {name: {int(code) for code, n in rows if n == name} for _, name in rows}
    assert {name: {cls.code} for name, cls in errors.CLASSES.items()} == {**want, "interrupted": {130}}
    assert want["interrupted"] == {130, 143}
    for name, cls in errors.CLASSES.items():
        assert cls.__name__ == ("LocalIO" if name == "local-io" else name.title().replace("-", ""))
        assert getattr(irisfix, cls.__name__) is cls


def damaged(folder: Path) -> None:
    for name in ("orders.dat", "product.dat"):
        (folder / name).unlink()
        (folder / name).write_bytes(b"x")


PROVOKED = [
    (["load", "nope", "--to", "sqlite:t.db"], irisfix.NotFound),
    (["load", "./shop"], irisfix.ConnectionFailed),
    (["validate", "./shop"], irisfix.ChecksumMismatch),
    (["load", SHOP, "--to", "sqlite:t.db", "--table", "order"], irisfix.TableNotFound),
    (["pull", "127.0.0.1:1/a/b:1"], irisfix.RegistryUnavailable),
    (["pull", "registry.example/a/b:1", "--offline"], irisfix.NotCached),
    (["pull", "registry.example/a/b:1", "--frozen"], irisfix.PinViolation),
    (["load", SHOP, "--to", "sqlite:/nowhere/t.db"], irisfix.LocalIO),
    (["load", SHOP, "--to", "sqlite:other.db"], irisfix.TargetConflict),
    (["validate", "./empty"], irisfix.FixtureInvalid),
    (["load"], irisfix.Usage),
    (["load", "./\x1b[31m\n\u202e\u2029\u009b\u061cä😀", "--to", "sqlite:t.db"], irisfix.NotFound),
    (["info", "a\x1b[31mb"], irisfix.NotFound),
]


@pytest.mark.parametrize("args, cls", PROVOKED, ids=lambda x: getattr(x, "__name__", ""))
def test_the_text_is_what_the_command_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: "list[str]", cls: "type[irisfix.IrisfixError]") -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IRISFIX_TARGET", "iris://localhost:1/USER")
    subprocess.run(["cp", "-r", SHOP, "shop"], check=True)
    damaged(tmp_path / "shop")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "manifest.json").write_text("{}")
    subprocess.run(["sqlite3", "other.db", "CREATE TABLE orders (x); INSERT INTO orders VALUES (1)"], check=True)
    with pytest.raises(irisfix.IrisfixError) as caught:
        command.run([str(a) for a in args])
    assert type(caught.value) is cls
    printed = subprocess.run([BINARY, *args], capture_output=True, encoding="utf-8").stderr
    assert str(caught.value) == printed[printed.index("irisfix: "):].rstrip("\n")  # progress comes before


def test_what_cannot_be_printed_is_replaced() -> None:
    assert str(irisfix.NotFound("a\udc80", ["b\x1b"], [("c\n", "d\r")])).encode() == (
        "irisfix: not found: a\ufffd\n\nWhat went wrong:\n  b \n\nHow to fix it:\n  1. c :  d ".encode())


def test_the_traceback_shows_no_line_of_ours(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
import irisfix, pytest
def test_load(): irisfix.DATFixtureLoader("sqlite:x.db").load_fixture("absent")
def test_validate(): irisfix.FixtureValidator().validate_fixture("absent")
def test_create(): irisfix.FixtureCreator("sqlite:x.db").create_fixture("a", "", "made")
def test_connect(): irisfix.DATFixtureLoader("sqlite:x.db").get_connection()
@pytest.fixture
def own(dat_fixture_factory):
    with dat_fixture_factory("absent") as fixture: yield fixture
def test_own(own): pass
""")
    result = pytester.runpytest()
    result.assert_outcomes(failed=4, errors=1)
    result.stdout.no_fnmatch_line("*irisfix/*.py*")
    result.stdout.fnmatch_lines([">       with dat_fixture_factory(\"absent\") as fixture: yield fixture", "E       irisfix.errors.NotFound: irisfix: not found: absent"])


def test_old_names_catch_what_they_caught() -> None:
    for cls in errors.CLASSES.values():
        assert issubclass(cls, (irisfix.FixtureLoadError, irisfix.FixtureCreateError)) and issubclass(cls, irisfix.FixtureError)
    assert issubclass(irisfix.ChecksumMismatch, irisfix.ChecksumMismatchError)
    for cls in (irisfix.ChecksumMismatch, irisfix.FixtureInvalid, irisfix.NotFound):
        assert issubclass(cls, irisfix.FixtureValidationError)


def test_an_error_can_be_sent_to_another_process() -> None:
    e = irisfix.Interrupted("x", ["a"], [("b", "irisfix c"), "d"], {"d": 1}, 143)
    again = pickle.loads(pickle.dumps(e))
    assert type(again) is irisfix.Interrupted and str(again) == str(e) and again.__dict__ == e.__dict__


def test_a_class_of_a_later_irisfix_keeps_its_name() -> None:
    e = errors.from_object({"class": "melted", "code": 99, "subject": "disk", "what": ["it is hot"], "fix": [], "detail": {}})
    assert type(e) is irisfix.IrisfixError and (e.class_name, e.code) == ("melted", 99)
    assert str(e).startswith("irisfix: melted: disk\n")


def test_a_command_stands_apart_whatever_it_is() -> None:
    told = {"class": "usage", "code": 64, "subject": "x", "what": [], "fix": ["Call: make tea", "Note: wait"], "detail": {}}
    e = errors.from_object({**told, "steps": [{"do": "Call", "run": "make tea"}, {"do": "Note: wait", "run": ""}]})
    assert str(e).endswith("  1. Call:  make tea\n  2. Note: wait") and e.fix == told["fix"]
    assert errors.from_object(told).fix == told["fix"]


def test_a_path_in_a_command_can_be_pasted(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "t.dat").write_bytes(b"x")
    with pytest.raises(irisfix.ChecksumMismatch) as caught:
        irisfix.FixtureValidator().validate_checksum(tmp_path / "a b" / "t.dat", "sha256:0")
    assert caught.value.steps[0][1] == f"irisfix validate '{tmp_path}/a b' --recalc"


def test_no_more_than_twenty_lines_are_listed() -> None:
    text = str(irisfix.Usage("x", [str(i) for i in range(25)]))
    assert "\n  19\n  and 5 more\n\nHow" in text and "\n  20" not in text


@pytest.mark.parametrize("ending", ["import os; os.kill(os.getpid(), 9)", "raise SystemExit(2)", "print('{', file=sys.stderr); sys.exit(1)"])
def test_a_number_without_json_is_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    """Go ends with 2 after a panic that cannot be caught: that is no checksum mismatch."""
    program = tmp_path / "irisfix"
    program.write_text(f"#!{sys.executable}\nimport sys\nprint('fatal error: all goroutines are asleep', file=sys.stderr)\n{ending}\n")
    program.chmod(0o755)
    monkeypatch.setenv("IRISFIX_BINARY", str(program))
    with pytest.raises(irisfix.Internal, match="fatal error: all goroutines are asleep") as caught:
        command.run(["load", "x"])
    assert (caught.value.code, caught.value.subject) == (70, str(program))


def test_a_crash_is_an_error_of_the_test_and_no_number_of_pytest(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    program = suite.path / "irisfix"
    program.write_text(f"#!{sys.executable}\nimport sys\nprint('panic: it broke', file=sys.stderr)\nsys.exit(2)\n")
    program.chmod(0o755)
    monkeypatch.setenv("IRISFIX_BINARY", str(program))
    suite.makepyfile("import pytest\n@pytest.mark.dat_fixture('fixtures/one')\ndef test_it(dat_fixture): pass")
    result = suite.runpytest("-s")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["irisfix: internal: */irisfix", "  the program ended without saying why: it ended with exit code 2", "  panic: it broke"])


def test_no_advice_is_to_type_what_only_the_plugin_types(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
import pytest
@pytest.mark.dat_fixture("fixtures/one", scope="session")
def test_it(dat_fixture):
    dat_fixture.database.unlink()
    dat_fixture.database.mkdir()
    (dat_fixture.database / "in the way").touch()
""")
    result = suite.runpytest()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["  1. Mend that, and try again"])


UNFIT = {
    "of another system": ("\x7fELF", "it cannot be started: Exec format error"),
    "no irisfix": (f"#!{sys.executable}\n", "the program ended without saying why: it ended with exit code 0"),
    "too old": (f"#!{sys.executable}\nimport os, sys\nos.execv({BINARY!r}, ['irisfix', 'none-such', *sys.argv[2:]])\n", "*/irisfix is of another version than *"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_program_that_will_not_do_is_named(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    text, what = UNFIT[name]
    program = suite.path / "irisfix"
    program.write_text(text)
    program.chmod(0o755)
    monkeypatch.setenv("IRISFIX_BINARY", str(program))
    suite.makepyfile("""
import irisfix, pytest
@pytest.mark.dat_fixture('fixtures/one')
def test_mark(dat_fixture): pass
def test_function(): irisfix.DATFixtureLoader("sqlite:x.db").load_fixture("fixtures/one")
""")
    result = suite.runpytest()
    result.assert_outcomes(errors=1, failed=1)
    result.stdout.fnmatch_lines(["irisfix: *irisfix*", f"  {what}"])
    result.stdout.fnmatch_lines(["E * irisfix: *irisfix*", f"E  *{what}"])
    result.stdout.no_fnmatch_line("*irisfix/*.py*")
    required = suite.runpytest("--irisfix-required")
    required.stdout.fnmatch_lines(["irisfix: *irisfix*", f"  {what}"])
    required.stdout.no_fnmatch_line("*INTERNALERROR*")
