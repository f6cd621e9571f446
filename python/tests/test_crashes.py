"""Whatever happens to pytest, nothing of its databases is left."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import List

import pytest

from conftest import default_interrupt

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for processes of others, which Linux can")

TEST = '''
import os, pytest, time
@pytest.fixture(scope="session")
def shared(dat_fixture_factory):
    with dat_fixture_factory("fixtures/two") as fixture: yield fixture
@pytest.mark.dat_fixture("fixtures/one", scope="{scope}")
def test_it(dat_fixture, shared, dat_fixture_factory):
    print("ready", dat_fixture_factory._sandbox._process.pid, dat_fixture.database, shared.database, flush=True)
    {end}
def test_more(): pass
'''
HANG = "for _ in range(1200): time.sleep(0.05)"  # a signal that comes just before a long sleep is seen after it


def start(source: str) -> "tuple[subprocess.Popen[str], int, List[Path]]":
    """Runs pytest up to the middle of a test: pytest, the process that has the databases, and these."""
    Path("test_it.py").write_text(source)
    p = subprocess.Popen([sys.executable, "-m", "pytest", "-s", "-p", "no:cacheprovider"], stdout=subprocess.PIPE, encoding="utf-8",
                         start_new_session=True, preexec_fn=default_interrupt)
    assert p.stdout
    for line in p.stdout:
        if "ready" in line:
            _, pid, *databases = line[line.index("ready"):].split()
            return p, os.pidfd_open(int(pid)), [Path(d) for d in databases]
    raise AssertionError("no test was run")


def ended(pidfd: int) -> bool:
    """Waits for the end of a process that is not ours."""
    return bool(select.select([pidfd], [], [], 60)[0])


@pytest.mark.parametrize("scope", ["function", "session"])
@pytest.mark.parametrize("end", ["os._exit(7)", "os.kill(os.getpid(), 9)", "os.abort()"])
def test_pytest_dies_in_a_test(suite: pytest.Pytester, end: str, scope: str) -> None:
    p, pidfd, databases = start(TEST.format(end=end, scope=scope))
    p.communicate()
    assert p.returncode != 0
    assert ended(pidfd)
    assert not [d for d in databases if d.exists()]


def test_pytest_is_killed(suite: pytest.Pytester) -> None:
    p, pidfd, databases = start(TEST.format(end=HANG, scope="module"))
    assert all(d.exists() for d in databases)
    p.kill()
    assert ended(pidfd)
    assert not [d for d in databases if d.exists()]
    p.communicate()


def test_ctrl_c(suite: pytest.Pytester) -> None:
    """The signal goes to the whole group, as from a terminal; databases are there until pytest has ended its fixtures."""
    p, pidfd, databases = start(TEST.format(end=HANG, scope="module"))
    os.killpg(p.pid, signal.SIGINT)
    out, _ = p.communicate(timeout=60)
    assert p.returncode == pytest.ExitCode.INTERRUPTED, out
    assert "KeyboardInterrupt" in out and "rror" not in out
    assert ended(pidfd)
    assert not [d for d in databases if d.exists()]


def test_nothing_is_left_open(suite: pytest.Pytester) -> None:
    """With warnings as errors, as many have them, a pipe that is left open is a failure of the run."""
    suite.makepyfile('''
import pytest
@pytest.mark.dat_fixture("fixtures/one")
def test_1(dat_fixture_connection, dat_fixture_factory):
    process = dat_fixture_factory._sandbox._process
    process.kill()
    process.wait()
@pytest.mark.dat_fixture("fixtures/one")
def test_2(dat_fixture): pass
''')
    result = suite.runpytest_subprocess("-W", "error")
    result.assert_outcomes(passed=2, errors=1)
    assert "ResourceWarning" not in result.stdout.str() + result.stderr.str()


def test_a_forked_child_outlives_pytest(suite: pytest.Pytester) -> None:
    """It has a copy of the pipe whose end is the end of the databases."""
    suite.makepyfile('''
import os, pytest, signal
@pytest.mark.dat_fixture("fixtures/one", scope="session")
def test_it(dat_fixture):
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(there, b"forked")
        signal.pause()
    os.read(here, 6)
    print(child, dat_fixture.database, file=open("log", "w"))
''')
    try:
        suite.runpytest_subprocess(timeout=60).assert_outcomes(passed=1)
    finally:
        child, database = Path("log").read_text().split(maxsplit=1)
        os.kill(int(child), signal.SIGKILL)
    assert not Path(database.strip()).exists()


def test_a_worker_dies_and_the_next_one_goes_on(suite: pytest.Pytester) -> None:
    suite.makepyfile('''
import os, pytest
@pytest.mark.parametrize("n", range(6))
@pytest.mark.dat_fixture("fixtures/one", scope="session")
def test_it(n, dat_fixture, dat_fixture_factory):
    with open("log", "a") as log: print(dat_fixture.database, file=log)
    if n == 2: os._exit(1)
''')
    suite.runpytest_subprocess("-n2").assert_outcomes(passed=5, failed=1)
    assert not [d for d in Path("log").read_text().split() if Path(d).exists()]


def test_the_process_is_killed_and_the_next_test_has_a_new_one(suite: pytest.Pytester) -> None:
    suite.makepyfile('''
import os, pytest
@pytest.mark.dat_fixture("fixtures/one", scope="module")
def test_0(dat_fixture): pytest.shared = dat_fixture.database
@pytest.mark.dat_fixture("fixtures/one")
def test_1(dat_fixture, dat_fixture_factory):
    process = dat_fixture_factory._sandbox._process
    process.kill()
    process.wait()
@pytest.mark.dat_fixture("fixtures/one")
def test_2(dat_fixture): assert dat_fixture.database.exists()
@pytest.mark.dat_fixture("fixtures/one", scope="module")
def test_3(dat_fixture): assert dat_fixture.database != pytest.shared
''')
    result = suite.runpytest()
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_1*", "irisfix: internal: *irisfix", "", "What went wrong:", "*killed by signal 9"])
