"""The programs, servers and databases that the tests stand on."""

import filecmp
import json
import os
import pathlib
import re
import shutil
import subprocess
import zipfile

import pytest

import servers

ROOT = pathlib.Path(__file__).resolve().parent.parent
IRISFIX = ROOT / "bin" / "irisfix"
os.environ["PATH"] = f"{ROOT / '.tools'}:{os.environ['PATH']}"


def absent(reason):
    """Skips a test on a laptop; where CI=true nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def need(*programs):
    for name in programs:
        if not shutil.which(name):
            absent(f"{name} is not installed and could not be")


# What takes long to make or is made in one place is made by one worker: the tests that want it run one after the other.
SHARED = ("released", "plugin", "iris")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config, items):
    """Where a real IRIS is named, only what can run on it does: the tests that take the fixture iris, its URL."""
    if servers.REAL_IRIS:
        config.hook.pytest_deselected(items=[i for i in items if "iris" not in i.fixturenames])
        items[:] = [i for i in items if "iris" in i.fixturenames]
    for item in items:
        group = next((name for name in SHARED if name in item.fixturenames), item.path.name)
        item.add_marker(pytest.mark.xdist_group(group))


def run(*args, **options):
    """Runs a program that must succeed, and returns what it printed."""
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{args}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


class Irisfix:
    """bin/irisfix with a home of its own."""

    def __init__(self, home):
        self.home = home
        self.cache = home / "cache"
        self.options = ()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("IRISFIX_") and not k.lower().endswith("_proxy")}
        self.env = inherited | {"HOME": str(home), "DOCKER_CONFIG": str(home), "IRISFIX_CACHE_DIR": str(self.cache), "SOURCE_DATE_EPOCH": "1700000000"}

    def __call__(self, *args, input=""):
        """Runs a command that must succeed, and returns its JSON."""
        done = self.process(args, input)
        assert done.returncode == 0, f"irisfix {args}: exit code {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout)

    def fails(self, code, name, *args, input=""):
        """Runs a command that must fail in one way, and returns the error."""
        done = self.process(args, input)
        assert done.returncode == code, f"irisfix {args}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        error = json.loads(done.stderr[done.stderr.index("{"):])["error"]
        assert (error["code"], error["class"]) == (code, name), error
        return error

    def process(self, args, input):
        command = [str(a) for a in (IRISFIX, *args, *self.options, "--json", "--progress", "none")]
        return subprocess.run(command, capture_output=True, text=True, env=self.env, cwd=self.home, input=input)


@pytest.fixture
def say(capsys):
    """Prints a line even where a test succeeds; by a worker of pytest-xdist, where it fails."""
    def show(line):
        print(line)
        with capsys.disabled():
            print(f"\n  {line}", end=" ")

    return show


@pytest.fixture
def irisfix(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    return Irisfix(home)


@pytest.fixture
def elsewhere(tmp_path):
    """irisfix on another machine: another home, another cache."""
    home = tmp_path / "elsewhere"
    home.mkdir()
    return Irisfix(home)


@pytest.fixture(scope="session")
def databases(tmp_path_factory):
    """The databases of testdata, made by the sqlite3 shell."""
    need("sqlite3")
    made = {}
    for name in ("shop", "types"):
        made[name] = tmp_path_factory.mktemp("databases") / f"{name}.db"
        run("sqlite3", made[name], input=(ROOT / "testdata" / f"{name}.sql").read_text())
    return made


@pytest.fixture
def shop(irisfix, databases, tmp_path):
    """A fixture directory."""
    irisfix("create", "--name", "shop", "--output", tmp_path / "shop", "--from", f"sqlite:{databases['shop']}")
    return tmp_path / "shop"


@pytest.fixture(params=["serve", "distribution"])
def registry(request, tmp_path):
    """The registry of irisfix, and that of Docker and Debian, without authentication."""
    if request.param == "serve":
        with servers.embedded(IRISFIX, tmp_path / "registry") as server:
            yield server
    else:
        need("docker-registry")
        with servers.distribution(tmp_path / "registry") as server:
            yield server


@pytest.fixture
def distribution(tmp_path):
    need("docker-registry")
    with servers.distribution(tmp_path / "distribution") as server:
        yield server


@pytest.fixture(scope="session")
def iristest():
    """The program of the IRIS of the tests."""
    program = ROOT / ".tools" / "iris" / "iristest"
    run("go", "build", "-o", program, "./loader/iris/iristest/cmd/iristest", cwd=ROOT)
    return program


@pytest.fixture(scope="session")
def iris(iristest):
    """The URL of one that all tests share."""
    with servers.iris(iristest) as server:
        yield server.host


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """What make release builds of this commit, in a clone; for two platforms, since each takes its time."""
    clone = tmp_path_factory.mktemp("release") / "irisfix"
    run("git", "clone", "-q", ROOT, clone)
    run("git", "tag", "v1.0.0", cwd=clone)
    run("make", "release", "VERSION=v1.0.0", "PLATFORMS=linux/amd64 darwin/arm64", cwd=clone)
    return clone / "dist"


@pytest.fixture(scope="session")
def unpacked(released, tmp_path_factory):
    """The archive for this machine."""
    place = tmp_path_factory.mktemp("archive")
    run("tar", "-xzf", released / "irisfix_1.0.0_linux_amd64.tar.gz", "-C", place)
    return place


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The plugin for pytest, as everybody gets it but for the program inside."""
    folder = tmp_path_factory.mktemp("wheel")
    run(python("main"), "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT / "python")
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def plugin(wheel):
    """Installs the plugin for a Python of .tools/python, and returns that."""
    def install(name):
        program = python(name)
        site = pathlib.Path(run(program, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        for old in [site / "irisfix", *site.glob("pytest_irisfix-*")]:
            shutil.rmtree(old, ignore_errors=True)
        zipfile.ZipFile(wheel).extractall(site)
        run(program, "-m", "compileall", "-q", site / "irisfix")
        return program

    return install


def python(name):
    """A Python that the plugin for pytest is tested on; see python/install."""
    found = ROOT / ".tools" / "python" / name / "bin" / "python"
    if not found.exists():
        absent(f"{found} could not be had")
    return found


def same(a, b):
    """Two directories must hold the same files."""
    names = sorted(p.name for p in a.iterdir())
    assert sorted(p.name for p in b.iterdir()) == names
    assert filecmp.cmpfiles(a, b, names, shallow=False) == (names, [], [])


def sha256(path):
    return "sha256:" + re.match("[0-9a-f]{64}", run("sha256sum", path))[0]
