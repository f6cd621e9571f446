"""The IRIS of the tests, judged by tools that stand on the vendor's DB-API driver: an SQLAlchemy dialect with the tests of its
own, a shell, and connection code of another test tool."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

import servers
from conftest import ROOT, absent, run

TOOLS = ROOT / ".tools" / "iris"
PYTHON = TOOLS / "tools" / "bin" / "python"
DIALECT = TOOLS / "sqlalchemy-iris-0.20.0"

# What tells the dialect which SQL to write. Before 2025.1 it pages with TOP and %VID; later with FETCH FIRST, on which the
# driver that it asks for, DB-API 5.3, crashes before it sends anything (5.4 does not).
RELEASE = "IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2024.1 (Build 263U) Wed Mar 13 2024 15:21:27 EDT"

# Tests of the dialect's suite that say nothing of this server, and why.
LEFT_OUT = {
    "DateTimeHistoricTest and test_round_trip_years": "Python's strftime writes the year 1 as 1, which is not the form of ODBC",
    "LongNameBlowoutTest": "makes names of 270 characters; the manual's limit is 128",
    "numeric_tiny_divisor": "asks for a scale of 20; the manual's limit is 18",
    "IRISListBuildTest": "calls $LISTSAME, a function of ObjectScript",
}


@pytest.fixture
def python():
    if not PYTHON.exists():
        absent("the tools for IRIS could not be installed")
    return PYTHON


def test_sqlalchemy(python, iristest, tmp_path, say):
    """The compliance suite of SQLAlchemy as the dialect's own tests run it, and its part on reflection, which those leave out
    for the time that it takes; migrations by Alembic."""
    suite = tmp_path / "suite"
    shutil.copytree(DIALECT, suite)
    (suite / "conftest.py").write_text("from sqlalchemy.testing.plugin.pytestplugin import *\n")
    (suite / "tests" / "test_reflection.py").write_text("from sqlalchemy.testing.suite import ComponentReflectionTest\n")
    with servers.iris(iristest, "--early-dates", "--version", RELEASE) as server:
        done = subprocess.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:warnings", "--dburi", server.host,
                               "-k", " and ".join(f"not ({name})" for name in LEFT_OUT),
                               *(f"tests/test_{name}.py" for name in ("suite", "reflection", "alembic"))],
                              cwd=suite, capture_output=True, text=True, timeout=300)
    last = done.stdout.strip().split("\n")[-1]
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", last)[1]) > 1100, last
    say(last.strip("= "))


def test_irissqlcli(python, iris, tmp_path):
    """A session that is typed into a terminal."""
    session = tmp_path / "session.py"
    session.write_text(SESSION)
    run(python, session, TOOLS / "tools" / "bin" / "irissqlcli", iris, cwd=tmp_path, env=os.environ | {"HOME": str(tmp_path), "TERM": "dumb", "LANG": "C.UTF-8"}, timeout=60)
    got = run(TOOLS / "tools" / "bin" / "irissqlcli", iris, "--csv", "-e", "SELECT Id, Name FROM Shell.T ORDER BY Id", env=os.environ | {"HOME": str(tmp_path)})
    assert got.strip().split("\n") == ['"Id","Name"', '"1","é тест"', '"2",""'], got


SESSION = r"""
import pexpect, re, sys

shell = pexpect.spawn(sys.argv[1], [sys.argv[2], "--no-warn"], encoding="utf-8", timeout=20, dimensions=(50, 300))

def type(line, *answers):
    shell.expect(r"\[SQL\]\S+> ")
    shell.sendline(line)
    for answer in answers:
        shell.expect(answer)

type("CREATE TABLE Shell.T (Id INTEGER PRIMARY KEY, Name VARCHAR(30));", "Query OK")
type("INSERT INTO Shell.T (Id, Name) VALUES (1, 'é тест');", "1 row affected")
type("INSERT INTO Shell.T (Id, Name) VALUES (2, NULL);", "1 row affected")
type("SELECT Id, Name FROM Shell.T ORDER BY Id;", r"1 +\| é тест", r"2 +\| <null>", "2 rows in set")
type("INSERT INTO Shell.T (Id) VALUES (1);", "-119")
type("SELECT * FROM Shell.Absent;", "-30")
type(".tables Shell", r"Shell\.T")
type(".schemas Shell", "Shell")
type("tstart", "")
type("DELETE FROM Shell.T;", "2 rows affected")
type("trollback", "")
type("SELECT COUNT(*) AS Still FROM Shell.T;", "Still", r"\| 2 +\|")
type("quit", "Goodbye")
"""


def test_devtester(python, iris):
    """The connection code of iris-devtester, and its cleaning of a schema."""
    run(python, pathlib.Path(__file__).parent / "iris" / "devtester.py", iris)
