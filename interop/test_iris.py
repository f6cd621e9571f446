"""The IRIS of the tests, judged by drivers that nobody here wrote: each plays one scenario, and reads what the others wrote."""

import dataclasses
import os
import pathlib
import subprocess

import pytest

import servers
from conftest import ROOT, absent, need, run

HERE = pathlib.Path(__file__).parent / "iris"
TOOLS = ROOT / ".tools" / "iris"

LONG = ("clobs", "blobs")


@dataclasses.dataclass
class Judge:
    """A program that takes the URL of a server and a command; see iris/judge.py."""

    command: list
    # What it is not asked to write and read, and why.
    without: tuple = ()
    env: dict = dataclasses.field(default_factory=dict)

    def __call__(self, url, command, *args, cwd=None, **env):
        if command in ("write", "read"):
            args += tuple(f"-{t}" for t in self.without)
        done = subprocess.run([str(a) for a in (*self.command, url, command, *args)], capture_output=True, text=True, cwd=cwd,
                              env=os.environ | self.env | env, timeout=120)
        assert done.returncode == 0, f"{command} {args}: {tail(done.stdout)}{tail(done.stderr)}"


def tail(text):
    return "\n".join(text.split("\n")[-40:])


@pytest.fixture(scope="session")
def iristest():
    run("go", "build", "-o", TOOLS / "iristest", "./loader/iris/iristest/cmd/iristest", cwd=ROOT)
    return TOOLS / "iristest"


@pytest.fixture(scope="session")
def iris(iristest):
    with servers.iris(iristest) as server:
        yield server.host


@pytest.fixture(scope="session")
def judges():
    need("javac", "java", "keytool")
    for driver in ("oldest", "newest"):
        if not (TOOLS / driver / "bin" / "python").exists():
            absent(f"the {driver} DB-API driver could not be installed")
    jar = TOOLS / "intersystems-jdbc.jar"
    run("javac", "-Xlint:all", "-Werror", "-d", TOOLS / "classes", "-cp", jar, *(HERE / "jdbc").glob("*.java"))
    run("go", "build", "-o", TOOLS / "judge", ".", cwd=HERE / "golang", env=os.environ | {"GOFLAGS": "-mod=mod"})
    java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{jar}:{TOOLS / 'classes'}", "Judge", HERE]
    return {
        "dbapi-oldest": Judge([TOOLS / "oldest" / "bin" / "python", HERE / "judge.py"]),
        "dbapi-newest": Judge([TOOLS / "newest" / "bin" / "python", HERE / "judge.py"]),
        "jdbc": Judge(java),
        "go-irisnative": Judge([TOOLS / "judge", "native", HERE]),
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


@each(NAMES)
def test_scenario(judge, iris, request):
    judge(iris, "scenario", schema(request))


@each(OFFICIAL)
def test_api(judge, iris, request):
    judge(iris, "api", schema(request))


@pytest.mark.parametrize("writer", NAMES)
def test_values(judges, iris, writer):
    """What one wrote all read."""
    name = "W" + writer.replace("-", "").title()
    judges[writer](iris, "write", name)
    for reader in judges.values():
        reader(iris, "read", name, *(f"-{t}" for t in judges[writer].without))


MODES = {
    "a row a message": ("--page-rows", "1"),
    "fragments": ("--fragment", "7"),
    "long items": ("--long-items",),
    "logical dates": ("--logical-dates",),
    "plain doubles": ("--plain-doubles",),
    "numbers as text": ("--text-numbers",),
    "Latin-1": ("--locale", "LATIN1"),
}


@pytest.mark.parametrize("mode", MODES)
def test_modes(judges, iristest, mode):
    """Whatever a server may be like, what one wrote all read."""
    with servers.iris(iristest, *MODES[mode]) as server:
        judges["dbapi-newest"](server.host, "write", "Modes", *(f"-{t}" for t in LONG))
        for reader in judges.values():
            reader(server.host, "read", "Modes", *(f"-{t}" for t in LONG))


def schema(request):
    """A schema for one test."""
    return "S" + "".join(c for c in request.node.name.title() if c.isalnum())


@pytest.fixture
def secure(iristest, tmp_path):
    """A server with TLS, and the files that clients are told of its certificate by."""
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
