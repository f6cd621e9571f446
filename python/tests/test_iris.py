"""Databases on InterSystems IRIS: the IRIS of the tests, and the official driver."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest

import irisfix
from conftest import BINARY, Make, process
from test_crashes import ended, start

SERVER = os.environ.get("IRISFIX_TEST_IRISTEST", "")


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """A server with an account that may do everything, admin:s3cret%, and one that may only make tables, alice:s3cret%."""
    users = [x for user in ("admin:s3cret%", "alice:s3cret%:tables-only") for x in ("--user", user)]
    with process([SERVER, *users], r"@(\S+)/USER") as host:
        yield host


@pytest.fixture(params=["admin", "alice"])
def account(request: pytest.FixtureRequest, suite: pytest.Pytester, host: str) -> str:
    """Tests whose target is that server, for each of the accounts."""
    suite.makeini(f"[pytest]\naddopts = -p no:cacheprovider\nirisfix_target = iris://{request.param}:s3cret%25@{host}/USER")
    return str(request.param)


def left(host: str) -> "list[str]":
    """The schemas of sandboxes in USER; namespaces of sandboxes cannot be listed, but are looked for by name."""
    iris = importlib.import_module("iris")
    name, port = host.split(":")
    connection = iris.connect(hostname=name, port=int(port), namespace="USER", username="admin", password="s3cret%", sharedmemory=False)
    cursor = connection.cursor()
    cursor.execute("SELECT DISTINCT TABLE_SCHEMA FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA LIKE 'IFX%'")
    found = [row[0] for row in cursor.fetchall()]
    cursor.close()
    connection.close()
    return found


def namespace_exists(host: str, namespace: str) -> bool:
    done = subprocess.run([BINARY, "doctor", f"iris://admin:s3cret%25@{host}/{namespace}"], capture_output=True, encoding="utf-8")
    assert done.returncode in (0, 4), done.stdout + done.stderr
    return done.returncode == 0


TEST = '''
import pytest, pathlib
@pytest.mark.dat_fixture("fixtures/one", "fixtures/two", scope="class")
class TestIris:
    def test_1(self, dat_fixture, dat_fixture_connection):
        assert dat_fixture.database is None and dat_fixture.path.is_dir()
        assert dat_fixture.target.startswith("iris://") and "s3cret" not in repr(dat_fixture) + dat_fixture.target
        assert bool(dat_fixture.schemas) == ("alice" in dat_fixture.target)
        c = dat_fixture_connection.cursor()
        c.execute(f"SELECT COUNT(*) FROM {dat_fixture.table('two')}")
        assert c.fetchone()[0] == 5
        c.execute(f"INSERT INTO {dat_fixture.table('one')} (n) VALUES (100)")
        c.close()
        pathlib.Path("namespace").write_text(dat_fixture.namespace)
    def test_2(self, dat_fixture, dat_fixture_connection):
        c = dat_fixture_connection.cursor()
        c.execute(f"SELECT COUNT(*) FROM {dat_fixture.table('one')}")
        assert c.fetchone()[0] == 4
@pytest.mark.dat_fixture("fixtures/one")
def test_3(dat_fixture, dat_fixture_connection):
    c = dat_fixture_connection.cursor()
    c.execute(f"SELECT COUNT(*) FROM {dat_fixture.table('one')}")
    assert c.fetchone()[0] == 3
'''


@pytest.mark.parametrize("workers", [[], ["-n3", "--dist", "loadscope"]])
def test_a_namespace_or_schemas_for_each_scope(suite: pytest.Pytester, account: str, host: str, workers: "list[str]") -> None:
    suite.makepyfile(TEST)
    suite.runpytest("-W", "error", *workers).assert_outcomes(passed=3)
    namespace = Path("namespace").read_text()
    assert namespace == "USER" if account == "alice" else namespace.startswith("IFX")
    assert left(host) == [] and (account == "alice" or not namespace_exists(host, namespace))


def test_connections_are_no_more_than_the_community_edition_allows(suite: pytest.Pytester) -> None:
    with process([SERVER, "--connections", "3"], r"(iris://\S+)") as url:
        suite.makeini(f"[pytest]\nirisfix_target = {url}")
        suite.makepyfile('''
import pytest
@pytest.mark.parametrize("n", range(8))
@pytest.mark.dat_fixture("fixtures/one", scope="module")
def test_it(n, dat_fixture_connection): dat_fixture_connection.cursor().execute("SELECT 1")
''')
        suite.runpytest().assert_outcomes(passed=8)


def test_after_a_crash_nothing_is_left(suite: pytest.Pytester, account: str, host: str) -> None:
    p, pidfd, _ = start('''
import os, pytest
@pytest.mark.dat_fixture("fixtures/one")
def test_it(dat_fixture, dat_fixture_factory):
    open("namespace", "w").write(dat_fixture.namespace)
    print("ready", dat_fixture_factory._sandbox._process.pid, flush=True)
    os._exit(9)
''')
    p.communicate()
    namespace = Path("namespace").read_text()
    assert ended(pidfd)
    assert left(host) == [] and (account == "alice" or not namespace_exists(host, namespace))


def test_the_password_is_nowhere(suite: pytest.Pytester, host: str) -> None:
    suite.makepyfile('''
import pytest, pathlib
@pytest.mark.dat_fixture("fixtures/one")
def test_it(dat_fixture, dat_fixture_connection, dat_fixture_factory):
    line = pathlib.Path(f"/proc/{dat_fixture_factory._sandbox._process.pid}/cmdline").read_bytes()
    assert b"sandbox" in line and b"s3" b"cret" not in line
    assert 0, (dat_fixture, dat_fixture.__dict__)
@pytest.mark.dat_fixture("absent")
def test_absent(dat_fixture): pass
''')
    suite.makeini(f"[pytest]\naddopts = -p no:cacheprovider\nirisfix_target = iris://admin:s3cret%25@{host}/USER")
    result = suite.runpytest("-vv", "--showlocals", "--irisfix-keep")
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(["*databases that were kept*", "test_the_password_is_nowhere.py::test_it: iris://admin@*/IFX*, namespace IFX*"])
    assert "s3cret" not in result.stdout.str() + result.stderr.str()


def test_what_is_printed_removes_what_was_kept(suite: pytest.Pytester, host: str, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Namespaces and schemas, those of two tests. The password is told by the environment."""
    suite.makepyfile("""
import pytest
@pytest.mark.dat_fixture("fixtures/one")
@pytest.mark.parametrize("n", [1, 2])
def test_it(dat_fixture, n): pass
""")
    section = suite.runpytest("--irisfix-keep").stdout.str().split("databases that were kept")[1]
    (command,) = re.findall(r"^remove all: (.*)$", section, re.MULTILINE)
    assert command.count("irisfix") == 1 + command.count("irisfix-kept")
    (suite.path / "bin").mkdir()
    (suite.path / "bin" / "irisfix").symlink_to(BINARY)
    monkeypatch.setenv("PATH", str(suite.path / "bin"), prepend=os.pathsep)
    monkeypatch.setenv("IRIS_PASSWORD", "s3cret%")
    done = subprocess.run(command, shell=True, check=True, capture_output=True, encoding="utf-8")
    removed = re.findall(r"^removed (IFX\w+) from iris://", done.stdout, re.MULTILINE)
    assert len(removed) == 2 and all(name in section for name in removed)
    assert left(host) == [] and not any(namespace_exists(host, name) for name in removed)


def test_the_password_comes_from_the_environment(suite: pytest.Pytester, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRIS_PASSWORD", "s3cret%")
    suite.makepyfile("import pytest\n@pytest.mark.dat_fixture('fixtures/one')\ndef test_it(dat_fixture_connection): pass")
    suite.runpytest(f"--irisfix-target=iris://admin@{host}/USER").assert_outcomes(passed=1)
    name, port = host.split(":")
    for key, value in (("HOST", name), ("PORT", port), ("USERNAME", "admin")):
        monkeypatch.setenv(f"IRIS_{key}", value)
    suite.runpytest("--irisfix-target=iris").assert_outcomes(passed=1)
    suite.runpytest().assert_outcomes(passed=1)


def test_no_server_is_an_error_of_each_test(suite: pytest.Pytester) -> None:
    suite.makepyfile("import pytest\n@pytest.mark.dat_fixture('fixtures/one')\nclass TestIt:\n    def test_1(self): pass\n    def test_2(self): pass")
    result = suite.runpytest("--irisfix-target=iris://admin:s3cret@127.0.0.1:1/USER")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["irisfix: connection failed: iris://admin@127.0.0.1:1/USER", "", "What went wrong:", "  nothing listens there"])


def test_the_driver_is_not_installed(suite: pytest.Pytester, host: str) -> None:
    (suite.path / "conftest.py").write_text("import sys\nsys.modules['iris'] = None")
    suite.makepyfile("import pytest\n@pytest.mark.dat_fixture('fixtures/one')\ndef test_it(dat_fixture_connection): pass")
    result = suite.runpytest(f"--irisfix-target=iris://admin:s3cret%25@{host}/USER")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["  the driver for InterSystems IRIS is not installed", "*pip install intersystems-irispython"])


def test_tables_with_a_schema(suite: pytest.Pytester, account: str, make: Make) -> None:
    fixture = make("orders", 4, "My_Shop.order")
    suite.makepyfile(f"""
import pytest
@pytest.mark.dat_fixture({str(fixture)!r})
def test_it(dat_fixture, dat_fixture_connection):
    c = dat_fixture_connection.cursor()
    c.execute(f"SELECT COUNT(*) FROM {{dat_fixture.table('My_Shop.order')}}")
    assert c.fetchone()[0] == 4
""")
    suite.runpytest().assert_outcomes(passed=1)
    suite.runpytest("--irisfix-target=sqlite").assert_outcomes(passed=1)


PORTED = '''
import sys
from dataclasses import dataclass
from irisfix import (ChecksumMismatchError, DATFixtureLoader, FixtureCreateError, FixtureCreator, FixtureError, FixtureLoader,
                     FixtureLoadError, FixtureManifest, FixtureValidationError, FixtureValidator, LoadResult, TableInfo, ValidationResult)

@dataclass
class IRISConfig:  # as in iris_devtester.config
    host: str
    port: int
    namespace: str
    username: str
    password: str

config = IRISConfig("127.0.0.1", int(sys.argv[1]), "USER", "admin", "s3cret%")

loader = DATFixtureLoader(connection_config=config)
cursor = loader.get_connection().cursor()
cursor.execute("CREATE TABLE RAG.Entities (id INTEGER PRIMARY KEY, name VARCHAR(50))")
for i in range(100):
    cursor.execute("INSERT INTO RAG.Entities (id, name) VALUES (?, ?)", [i, f"entity {i}"])
cursor.close()

creator = FixtureCreator(connection_config=config)
manifest = creator.create_fixture(fixture_id="rag-100", namespace="USER", output_dir="rag-100", description="entities", features={"n": 100})
assert isinstance(manifest, FixtureManifest) and [str(t) for t in manifest.tables] == ["RAG.Entities (100 rows)"]
assert TableInfo("RAG.Entities", 100) in creator.get_namespace_tables(namespace="USER")
assert manifest.namespace == "USER" and manifest.features == {"n": 100}
FixtureValidator().validate_fixture("rag-100").raise_if_invalid()
try:
    creator.create_fixture("rag-100", "USER", "rag-100")
    raise AssertionError
except FileExistsError:
    pass

result = loader.load_fixture(fixture_path="rag-100", target_namespace="TARGET")
assert isinstance(result, LoadResult) and result.success and result.namespace == "TARGET" and result.tables_loaded == ["RAG.Entities"]
assert result.namespace_created
target = FixtureLoader(connection_config=IRISConfig(config.host, config.port, "TARGET", config.username, config.password))
c = target.get_connection()
cursor = c.cursor()
cursor.execute("SELECT name FROM RAG.Entities WHERE id = 7")
assert cursor.fetchone()[0] == "entity 7"
cursor.close()
c.close()
loader.cleanup_fixture(result.namespace, delete_namespace=True)

for again in (loader, FixtureLoader(connection_config=config)):  # another loader knows nothing of what the first has loaded
    result = loader.load_fixture("rag-100", "TARGET")
    again.cleanup_fixture("TARGET")
creator.create_fixture("more", "USER", "more")
result = loader.load_fixture("rag-100", "TARGET")
loader.load_fixture("rag-100", "TARGET")
loader.cleanup_fixture(manifest=result.manifest)
result = loader.load_fixture("rag-100", "TARGET")
loader.cleanup_fixture(result.manifest, delete_namespace=False)
loader.load_fixture("more", "TARGET")
loader.cleanup_fixture(namespace="TARGET", delete_namespace=True)

try:
    loader.load_fixture("rag-100")  # into USER, the manifest's namespace, whose table is not ours
    raise AssertionError
except FixtureLoadError as e:
    assert "RAG.Entities" in str(e)
try:
    loader.cleanup_fixture("USER", delete_namespace=True)
    raise AssertionError
except FixtureError as e:
    assert "irisfix did not make it" in str(e)
'''


def test_a_program_for_iris_devtester_runs_with_the_import_changed(suite: pytest.Pytester, host: str) -> None:
    done = suite.run(sys.executable, suite.makepyfile(ported=PORTED), host.split(":")[1])
    assert done.ret == 0, done.stderr.str()
    assert not namespace_exists(host, "TARGET")


def test_loading_into_a_namespace_that_is_there(one: Path, two: Path) -> None:
    with process([SERVER, "--user", "alice:pw:tables-only"], r"@(\S+)/USER") as there:
        loader = irisfix.DATFixtureLoader(f"iris://alice:pw@{there}/USER")
        result = loader.load_fixture(one, "USER")
        assert (result.namespace, result.namespace_created, result.rows) == ("USER", False, 3)
        loader.load_fixture(one, "USER")
        loader.load_fixture(two, "USER")
        loader.cleanup_fixture("USER")
        with pytest.raises(irisfix.NotFound):
            loader.cleanup_fixture(result.manifest)


def test_tls(suite: pytest.Pytester) -> None:
    ca = suite.path / "ca.pem"
    with process([SERVER, "--tls", "--ca", str(ca)], r"(iris://\S+)") as url:
        suite.makepyfile("""
import pytest
@pytest.mark.dat_fixture('fixtures/one')
def test_it(dat_fixture, dat_fixture_connection):
    c = dat_fixture_connection.cursor()
    c.execute("SELECT COUNT(*) FROM one")
    assert c.fetchone()[0] == 3
""")
        trusted = url.split("?")[0] + f"?tls=on&ca={ca}"
        suite.runpytest(f"--irisfix-target={trusted}").assert_outcomes(passed=1)
        suite.runpytest(f"--irisfix-target={url.split('?')[0]}?tls=on").assert_outcomes(errors=1)
