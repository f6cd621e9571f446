"""The IRIS of the tests, judged by drivers that nobody here wrote: each plays one scenario, and all read what one wrote."""

import dataclasses
import os
import pathlib
import subprocess

import pytest

import servers
from conftest import ROOT, absent, need, run

HERE = pathlib.Path(__file__).parent / "iris"
TOOLS = ROOT / ".tools" / "iris"

# go-irisnative v0.2.0 is a judge where it is correct. Left out are, when it writes: doubles, which it makes decimals of;
# texts, since it writes é as two characters and characters above U+FFFF as three bytes; long_texts, whose lengths it cuts to
# 16 bits; binaries, since an empty one becomes NULL; clobs and blobs, for both reasons. When it reads, also numerics, which
# it makes a float64 of, binaries, which come back as NULL, and streams, of which it gives the handle.
GO_READS = ("bits", "tinyints", "smallints", "integers", "bigints", "large_numerics", "plain_texts", "dates", "old_dates", "times",
            "fine_times", "timestamps", "fine_timestamps", "guids", "vectors")
GO_WRITES = (*GO_READS, "numerics", "fine_numerics")

STREAMS = ("clobs", "blobs")


def tables():
    lines = (HERE / "values.txt").read_text().split("\n")
    return [line.split("|")[1] for line in lines if line.startswith("table|")]


@dataclasses.dataclass
class Judge:
    """A program that takes the URL of a server and a command; see iris/judge.py."""

    command: list
    writes: tuple = dataclasses.field(default_factory=tables)
    reads: tuple = dataclasses.field(default_factory=tables)

    def __call__(self, url, command, *args, cwd=None, **env):
        done = subprocess.run([str(a) for a in (*self.command, url, command, *args)], capture_output=True, text=True, cwd=cwd,
                              env=os.environ | env, timeout=120)
        assert done.returncode == 0, f"{command} {args}:\n{tail(done.stdout)}\n{tail(done.stderr)}"


def tail(text):
    return "\n".join(text.split("\n")[-40:])


@pytest.fixture(scope="session")
def judges():
    need("javac", "java", "keytool")
    jar = TOOLS / "intersystems-jdbc.jar"
    for wanted in (jar, TOOLS / "oldest" / "bin" / "python", TOOLS / "newest" / "bin" / "python"):
        if not wanted.exists():
            absent(f"{wanted} could not be fetched")
    run("javac", "-Xlint:all", "-Werror", "-d", TOOLS / "classes", "-cp", jar, *(HERE / "jdbc").glob("*.java"))
    run("go", "build", "-o", TOOLS / "judge", ".", cwd=HERE / "golang")
    java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{jar}:{TOOLS / 'classes'}", "Judge", HERE]
    return {
        "dbapi-oldest": Judge([TOOLS / "oldest" / "bin" / "python", HERE / "judge.py"]),
        "dbapi-newest": Judge([TOOLS / "newest" / "bin" / "python", HERE / "judge.py"]),
        "jdbc": Judge(java),
        "go-irisnative": Judge([TOOLS / "judge", "native", HERE], GO_WRITES, GO_READS),
        "irisfix": Judge([TOOLS / "judge", "own", HERE]),
    }


NAMES = ["dbapi-oldest", "dbapi-newest", "jdbc", "go-irisnative", "irisfix"]
OFFICIAL = NAMES[:3]


@pytest.fixture
def judge(judges, request):
    return judges[request.param]


def each(names):
    return pytest.mark.parametrize("judge", names, indirect=True)


@each(NAMES)
def test_login(judge, iris):
    judge(iris, "login")


@each(OFFICIAL)
def test_refusals(judge, iristest):
    """Accounts that may not connect, and a licence that is used up."""
    users = ("_SYSTEM:SYS", "expired:x:change-password", "disabled:x:disabled")
    with servers.iris(iristest, "--connections", "1", *(f"--user={u}" for u in users)) as server:
        judge(server.host, "refuse", "expired", "x", "password change")
        judge(server.host, "refuse", "disabled", "x", "Access Denied")
        judge(server.host, "full")


@each(NAMES)
def test_scenario(judge, iris, request):
    judge(iris, "scenario", schema(request))


@each(OFFICIAL)
def test_api(judge, iris, request):
    judge(iris, "api", schema(request))


@pytest.mark.parametrize("batch", ["stop", "undo"])
@each(OFFICIAL)
def test_api_of_other_batches(judge, iristest, batch):
    """What becomes of the other sets of a batch that fails is not known of real servers."""
    with servers.iris(iristest, "--batch", batch) as server:
        judge(server.host, "api", "Api")


# Version 5.4.1 of the DB-API driver is not asked: where it did not read a result to its end, it asks for more of it just before
# its next request, and takes the answer for that of the request.
@pytest.mark.parametrize("flags", [("--page-rows", "1"), ("--page-rows", "3", "--long-items", "--text-numbers")], ids=" ".join)
@each(["dbapi-oldest", "jdbc"])
def test_api_of_small_pages(judge, iristest, flags):
    with servers.iris(iristest, *flags) as server:
        judge(server.host, "api", "Api")


def schema(request):
    """A schema for one test."""
    return "S" + "".join(c for c in request.node.name.title() if c.isalnum())


@pytest.mark.parametrize("writer", NAMES)
def test_values(judges, iris, writer):
    """What one wrote all read."""
    name = "By" + writer.title().replace("-", "")
    written = judges[writer].writes
    judges[writer](iris, "write", name, *written)
    for reader in judges.values():
        reader(iris, "read", name, *(t for t in reader.reads if t in written))


@pytest.mark.parametrize("writer", ["dbapi-newest", "jdbc"])
def test_fixture(judges, iristest, irisfix, tmp_path, writer):
    """What a driver wrote comes out of a fixture on another server as it was, for all; and a fixture of that has the same bytes."""
    with servers.iris(iristest) as server:
        judges[writer](server.host, "write", "Fixture", *tables())
        made = irisfix("create", "--name", "values", "--output", tmp_path / "a", "--from", server.host)
    with servers.iris(iristest) as server:
        irisfix("load", tmp_path / "a", "--to", server.host)
        for reader in judges.values():
            reader(server.host, "read", "Fixture", *reader.reads)
        again = irisfix("create", "--name", "values", "--output", tmp_path / "b", "--from", server.host, "--schema", "Fixture")
    assert len(made["tables"]) == len(tables())
    assert [t["checksum"] for t in again["tables"]] == [t["checksum"] for t in made["tables"]]


# What a server may be like, and who is not shown what then: version 5.1.0 of the DB-API driver reads no fractions of times in
# their stored form. go-irisnative fetches from statement 0, joins no fragments, and knows neither long items nor dates in
# their stored form.
MODES = {
    "a row a message": (("--page-rows", "1"), {"go-irisnative": tables()}),
    "fragments": (("--fragment", "7"), {"go-irisnative": tables()}),
    "long items": (("--long-items",), {"go-irisnative": tables()}),
    "stored dates": (("--logical-dates",), {"dbapi-oldest": ["fine_times"], "go-irisnative": ["dates", "old_dates", "times", "fine_times"]}),
    "plain doubles": (("--plain-doubles",), {}),
    "numbers as text": (("--text-numbers",), {}),
    "LATIN1": (("--locale", "LATIN1"), {}),
    "8 bits": (("--8-bit", "--locale", "LATIN2"), {}),
}
# Their values are not all in that code page.
UNICODE = ("plain_texts", "texts", "long_texts")


@pytest.mark.parametrize("mode", MODES)
def test_modes(judges, iristest, mode):
    """Whatever a server may be like, what one wrote all read."""
    flags, hidden = MODES[mode]
    without = STREAMS + UNICODE if "--8-bit" in flags else STREAMS
    with servers.iris(iristest, *flags) as server:
        judges["irisfix"](server.host, "write", "Modes", *(t for t in tables() if t not in without))
        for name, reader in judges.items():
            shown = [t for t in reader.reads if t not in (*without, *hidden.get(name, ()))]
            if shown:
                reader(server.host, "read", "Modes", *shown)


@pytest.fixture
def secure(iristest, tmp_path):
    """A server with TLS, and the file with its certificate."""
    ca = tmp_path / "ca.pem"
    with servers.iris(iristest, "--tls", "--ca", ca) as server:
        yield server.host, ca


@pytest.mark.parametrize("name", ["dbapi-oldest", "dbapi-newest"])
def test_tls_of_the_db_api(judges, secure, tmp_path, name):
    url, ca = secure
    other = tmp_path / "other.pem"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-out", other, "-subj", "/CN=other")
    settings = tmp_path / "SSLDefs.ini"
    settings.write_text("".join(f"[{n}]\nTLSMinVersion=16\nTLSMaxVersion=32\nVerifyPeer=1\nVerifyHost=1\nCAfile={f}\n\n"
                                for n, f in (("trusted", ca), ("distrusted", other))))
    judges[name](url, "tls", ISC_SSLconfigurations=str(settings))


def test_tls_of_jdbc(judges, secure, tmp_path):
    url, ca = secure
    store = tmp_path / "trust.p12"
    run("keytool", "-importcert", "-noprompt", "-file", ca, "-alias", "iristest", "-keystore", store, "-storetype", "PKCS12", "-storepass", "changeit")
    (tmp_path / "SSLConfig.properties").write_text(f"protocol = TLS\ntrustStore = {store}\ntrustStoreType = PKCS12\ntrustStorePassword = changeit\n")
    judges["jdbc"](url, "tls", cwd=tmp_path)
    judges["jdbc"](url, "distrust", cwd=HERE)
