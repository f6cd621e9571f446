"""What is fetched, how often, and what one sees of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import default_interrupt, irisfix
from gate import gate


@pytest.fixture
def cold(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("IRISFIX_CACHE_DIR", str(suite.path / "cache"))
    return suite


def test_eight_workers_download_once_and_load_once(cold: pytest.Pytester, one: Path, registry: str) -> None:
    irisfix("push", one, f"{registry}/transfers/one:1", "--pin", "one", "--lock-file", cold.path / "irisfix.lock")
    lock = cold.path / "irisfix.lock"
    cold.makepyfile('''
import os, pathlib, pytest
@pytest.mark.parametrize("n", range(40))
@pytest.mark.dat_fixture("one")
def test_it(n, dat_fixture, dat_fixture_connection):
    assert dat_fixture_connection.execute("SELECT count(*) FROM one").fetchone() == (3,)
    with open("log", "a") as log:
        print(os.getpid(), dat_fixture._told["template"], dat_fixture.database, file=log)
''')
    with gate(registry) as g:
        lock.write_text(lock.read_text().replace(registry, g.host))
        cold.runpytest_subprocess("-n8").assert_outcomes(passed=40)
        blobs = [r for r in g.requests if r.startswith("GET") and "/blobs/" in r]
    lines = [line.split() for line in Path("log").read_text().splitlines()]
    assert len({pid for pid, *_ in lines}) == 8
    assert [template for _, template, _ in lines].count("made") == 1
    assert len({database for *_, database in lines}) == 40
    assert len(blobs) == len(set(blobs)) > 0, blobs
    assert not [d for *_, d in lines if Path(d).exists()]


SLOW = "import pytest\n@pytest.mark.dat_fixture('{host}/transfers/two:1')\ndef test_slow(dat_fixture): pass\n"


@pytest.mark.parametrize("options", [[], ["-q", "--capture=sys"], ["-s"]])
def test_a_long_wait_is_seen_while_it_lasts(cold: pytest.Pytester, two: Path, registry: str, options: "list[str]") -> None:
    irisfix("push", two, f"{registry}/transfers/two:1")
    with gate(registry) as g:
        cold.makepyfile(SLOW.format(host=g.host))
        g.blobs.clear()
        p = subprocess.Popen([sys.executable, "-m", "pytest", *options], stdout=subprocess.PIPE, encoding="utf-8")
        assert p.stdout
        seen = []
        for line in p.stdout:
            seen.append(line)
            if f"irisfix: waiting for {g.host}/transfers/two:1" in line:
                g.blobs.set()  # it would wait for ever if the line did not come
        assert p.wait() == 0, seen
    assert any("1 passed" in line for line in seen)


def test_what_irisfix_says_is_seen_with_s_and_beside_a_failure(cold: pytest.Pytester, two: Path, registry: str) -> None:
    irisfix("push", two, f"{registry}/transfers/two:1")
    irisfix("pull", f"{registry}/transfers/two:1")
    says = f"*{registry}/transfers/two:1*"
    cold.makepyfile(SLOW.format(host=registry))
    cold.runpytest("--irisfix-offline").stdout.no_fnmatch_line(says)
    cold.runpytest("--irisfix-offline", "-s").stdout.fnmatch_lines([f"irisfix: {says}"])
    cold.makepyfile(SLOW.format(host=registry).replace(":1'", ":1', 'absent'"))
    for workers in ([], ["-n1", "-s"]):
        result = cold.runpytest("--irisfix-offline", *workers)
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["irisfix: not found: absent", "*- irisfix -*", says])


def test_ctrl_c_while_something_is_fetched(cold: pytest.Pytester, two: Path, registry: str) -> None:
    irisfix("push", two, f"{registry}/transfers/two:1")
    with gate(registry) as g:
        cold.makepyfile(SLOW.format(host=g.host))
        g.blobs.clear()
        p = subprocess.Popen([sys.executable, "-m", "pytest"], stdout=subprocess.PIPE, encoding="utf-8", start_new_session=True,
                             preexec_fn=default_interrupt)
        assert p.stdout
        for line in p.stdout:
            if "waiting for" in line:
                os.killpg(p.pid, signal.SIGINT)
        assert p.wait(timeout=20) == pytest.ExitCode.INTERRUPTED  # the file never comes, and a connection may be silent for 30 s
