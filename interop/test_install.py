"""docs/howto/install.md, followed to the letter: what it downloads comes from a release that was built just now."""

import functools
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import threading

import pytest

from conftest import ROOT, need, run

PAGE = ROOT / "docs" / "howto" / "install.md"
SECTIONS = re.split(r"^## ", PAGE.read_text(), flags=re.M)[1:]
GITHUB = "https://github.com/irisfix/irisfix"


@pytest.fixture(scope="session")
def github(released, tmp_path_factory):
    """A server with the repository and its release, in place of GitHub."""
    place = tmp_path_factory.mktemp("github")
    repository = place / "irisfix"
    run("git", "clone", "-q", "--bare", released.parent, repository)
    run("git", "update-server-info", cwd=repository)
    (repository / "releases" / "download").mkdir(parents=True)
    (repository / "releases" / "download" / "v1.0.0").symlink_to(released)
    handler = type("Silent", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=place)) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/irisfix"
        server.shutdown()


@pytest.fixture(scope="session")
def modules(released, tmp_path_factory):
    """A module proxy that has this module, and those that it stands on as they lie in the module cache."""
    place = tmp_path_factory.mktemp("proxy") / "github.com" / "irisfix" / "irisfix" / "@v"
    place.mkdir(parents=True)
    nested = [f":!{pathlib.PurePath(p).parent}" for p in run("git", "ls-files", "*/go.mod", cwd=ROOT).split()]
    run("git", "archive", "--format=zip", "--prefix=github.com/irisfix/irisfix@v1.0.0/", "-o", place / "v1.0.0.zip", "v1.0.0", ".", *nested, cwd=released.parent)
    (place / "v1.0.0.mod").write_bytes((ROOT / "go.mod").read_bytes())
    (place / "v1.0.0.info").write_text('{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z"}')
    (place / "list").write_text("v1.0.0\n")
    cached = pathlib.Path(run("go", "env", "GOMODCACHE").strip()) / "cache" / "download"
    return {"GOPROXY": f"{place.parents[3].as_uri()},{cached.as_uri()}", "GONOSUMDB": "*", "GOFLAGS": "-modcacherw -trimpath", "CGO_ENABLED": "0"}


@pytest.fixture
def reader(github, tmp_path):
    """Follows the blocks of a section in a home of its own, and returns what they print."""
    home = tmp_path / "reader"
    (home / "bin").mkdir(parents=True)
    home.chmod(0o755)

    def follow(title, **env):
        blocks = [b for s in SECTIONS if s.startswith(title + "\n") for b in re.findall(r"^```sh\n(.*?)^```$", s, re.M | re.S)]
        assert blocks, f"no section {title} with commands"
        path = f"{home / 'bin'}:{home / '.local/bin'}:{env.pop('PATH', '')}:{os.environ['PATH']}"
        surroundings = os.environ | {"HOME": str(home), "PATH": path, "GOCACHE": run("go", "env", "GOCACHE").strip()} | env
        script = "set -euo pipefail\n" + "".join(blocks).replace(GITHUB, github)
        return run("bash", "-c", script, cwd=home, env=surroundings)

    follow.home = home
    return follow


def test_every_section_is_followed():
    here = pathlib.Path(__file__).read_text()
    for section in SECTIONS:
        if "```sh" in section:
            assert f'reader("{section.splitlines()[0]}"' in here


def test_go(reader, modules, tmp_path):
    cache = tmp_path / "modules"
    assert "irisfix v1.0.0, " in reader("With Go", GOBIN=str(reader.home / "bin"), GOMODCACHE=str(cache), **modules)


def test_archive(reader):
    seen = reader("From an archive", GOMODCACHE=run("go", "env", "GOMODCACHE").strip())
    assert "irisfix_1.0.0_linux_amd64.tar.gz: OK\n" in seen and "irisfix v1.0.0, " in seen
    assert seen.count("irisfix_1.0.0_linux_amd64.tar.gz: OK") == 2, "downloaded, and built again"


def test_ci(github, tmp_path):
    """ci/install.sh, which the action for GitHub calls, with this release; in directories with blanks, and as Windows has them."""
    temporary = tmp_path / r"D:\a\_temp"
    temporary.mkdir()
    surroundings = os.environ | {"IRISFIX_RELEASES": f"{github}/releases", "TMPDIR": str(temporary)}
    run("sh", ROOT / "ci" / "install.sh", "1.0.0", tmp_path / "a place", env=surroundings)
    assert "irisfix v1.0.0, " in run(tmp_path / "a place" / "irisfix", "version")


TEST = """import pytest

@pytest.mark.dat_fixture("fixtures/shop")
def test_shop(dat_fixture_connection):
    assert dat_fixture_connection.execute("SELECT count(*) FROM customer").fetchone()[0] > 0
"""


def test_pip(reader, released, tmp_path):
    run("python3", "-m", "venv", tmp_path / "venv")
    tools = str(tmp_path / "venv" / "bin")
    seen = reader("With pip", PATH=tools, PIP_FIND_LINKS=str(released), PIP_QUIET="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    assert "irisfix v1.0.0, " in seen
    # Its plugin uses the program in the package: there is none on PATH.
    project = tmp_path / "project"
    shutil.copytree(ROOT / "testdata" / "fixtures" / "shop", project / "fixtures" / "shop")
    (project / "test_shop.py").write_text(TEST)
    assert "1 passed" in run(f"{tools}/python", "-m", "pytest", cwd=project, env={"PATH": "/usr/bin:/bin", "HOME": str(project)})
    failed = subprocess.run([f"{tools}/irisfix", "info", "nowhere"], capture_output=True, text=True, cwd=tmp_path)
    assert failed.returncode == 1 and failed.stderr.startswith("irisfix: not found: nowhere\n")


def test_completions_and_man_pages(reader, unpacked):
    need("man")
    seen = reader("Completions and man pages", PATH=str(unpacked), MANWIDTH="80", PAGER="cat", MANPATH=f"{reader.home}/.local/share/man")
    assert "irisfix load FIXTURE [flags]" in seen
    script = (reader.home / ".local/share/bash-completion/completions/irisfix").read_text()
    assert script == (unpacked / "completions" / "irisfix.bash").read_text()


def test_source(reader):
    assert "irisfix v1.0.0, " in reader("From source", GOMODCACHE=run("go", "env", "GOMODCACHE").strip())


# As much of docker as the page uses: docker run --rm [-u USER] [-v FROM:TO]... IMAGE ARGUMENTS
DOCKER = r"""#!/usr/bin/env bash
set -euo pipefail
shift 2
options=(--isolation chroot)
while [ "${1#-}" != "$1" ]; do
  case $1 in -u) options+=(--user "$2") ;; -v) case $2 in /*) options+=(-v "$2") ;; *) options+=(-v "$VOLUMES/$2") ;; esac ;; esac
  shift 2
done
container=$($BUILDAH from --pull-never "$1")
shift
$BUILDAH run "${options[@]}" "$container" -- irisfix "$@"
"""


@pytest.fixture
def buildah(tmp_path):
    """The command that builds and runs images without a service, and keeps everything here."""
    need("buildah", "busybox")
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    yield [*root, "buildah", "--root", str(tmp_path / "images"), "--runroot", str(tmp_path / "running"), "--storage-driver", "vfs"]
    run(*root, "rm", "-rf", tmp_path / "images", tmp_path / "running")


@pytest.fixture
def image(buildah, released, tmp_path):
    """What Containerfile makes, over a base that has as much of Alpine as it takes."""
    base = tmp_path / "alpine"
    (base / "bin").mkdir(parents=True)
    (base / "etc/ssl/certs").mkdir(parents=True)
    (base / "etc/ssl/certs/ca-certificates.crt").write_text("those of Alpine\n")
    shutil.copy(shutil.which("busybox"), base / "bin")
    for name in ("sh", "mkdir", "cp"):
        (base / "bin" / name).symlink_to("busybox")
    container = run(*buildah, "from", "scratch").strip()
    run(*buildah, "copy", "-q", container, base, "/")
    run(*buildah, "commit", "-q", container, "docker.io/library/alpine:3")
    name = "ghcr.io/irisfix/irisfix:1.0.0"
    run(*buildah, "bud", "-q", "--pull-never", "--isolation", "chroot", "-f", "Containerfile", "--build-arg", "VERSION=1.0.0", "-t", name, ".", cwd=released.parent)
    return name


def test_container(reader, buildah, image, unpacked, shop, tmp_path):
    (tmp_path / "volumes" / "irisfix").mkdir(parents=True)
    (tmp_path / "volumes" / "irisfix").chmod(0o1777)
    (reader.home / "bin" / "docker").write_text(DOCKER)
    (reader.home / "bin" / "docker").chmod(0o755)
    shutil.copytree(shop, reader.home / "fixtures" / "shop")
    seen = reader("In a container", BUILDAH=" ".join(buildah), VOLUMES=str(tmp_path / "volumes"))
    assert "irisfix v1.0.0, " in seen and "fixtures/shop: valid: " in seen

    # Somebody without rights has room to work in, and there is nothing else in it.
    container = run(*buildah, "from", "--pull-never", image).strip()
    mounted = run(*buildah, "mount", container).strip()
    root = buildah[:buildah.index("buildah")]
    files = run(*root, "find", mounted, "-type", "f", "-printf", "%P\n").split()
    assert [f for f in files if not f.startswith("usr/share/irisfix/")] == ["etc/ssl/certs/ca-certificates.crt"]
    run(*root, "cmp", f"{mounted}/usr/share/irisfix/irisfix", unpacked / "irisfix")
    for user in ("65532:65532", "1234:99"):
        assert "That was all of it" in run(*buildah, "run", "--isolation", "chroot", "--user", user, container, "--", "irisfix", "demo")
        run(*buildah, "run", "--isolation", "chroot", "--user", user, container, "--", "irisfix", "cache", "verify")
