"""What the measurements need around them: tools, a registry, proxies, folders."""

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from functools import cached_property
from pathlib import Path

from measure import StepFailed, environment

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
ORAS = "1.3.6"
IRISPYTHON = "5.4.1"


def output(*argv, cwd=ROOT) -> str:
    done = subprocess.run([str(a) for a in argv], cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        raise StepFailed(f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout.strip()


class World:
    """Folders, binaries and servers of one run. close ends the servers."""

    def __init__(self, quick: bool):
        self.home = ROOT / ".bench"
        self.data = self.home / ("data-quick" if quick else "data")
        self.home.mkdir(exist_ok=True)
        self.work = Path(tempfile.mkdtemp(prefix="work-", dir=self.home))
        self.servers: list[subprocess.Popen] = []
        self.iris: dict[str, subprocess.Popen] = {}
        self.oras = install_oras()
        self.sqlite = install("sqlite3", "sqlite3")
        self.docker_registry = install("docker-registry", "docker-registry")
        self.casync = install("casync", "casync")
        install("git-lfs", "git-lfs")
        self.irisfix = self.build("irisfix", "./cmd/irisfix", ROOT)

    def build(self, name: str, package: str, module: Path) -> Path:
        """Builds like a release: static, stripped."""
        binary = self.work / "bin" / name
        flags = ["-trimpath", "-ldflags", "-s -w", "-o", str(binary), package]
        done = subprocess.run(["go", "build", *flags], cwd=module, env=os.environ | {"CGO_ENABLED": "0"})
        if done.returncode != 0:
            raise StepFailed(f"go build {package}: exit {done.returncode}")
        return binary

    def start_registry(self) -> str:
        """Starts the peer's registry with an empty store and returns its host:port."""
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            host = f"127.0.0.1:{s.getsockname()[1]}"
        config = {
            "version": 0.1,
            "log": {"level": "error", "accesslog": {"disabled": True}},
            "storage": {"cache": {"blobdescriptor": "inmemory"},
                        "filesystem": {"rootdirectory": str(self.work / "registry")}},
            "http": {"addr": host},
        }
        path = self.work / "registry.json"
        path.write_text(json.dumps(config))  # JSON is YAML
        self.spawn([self.docker_registry, "serve", path], "registry.log")
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://{host}/v2/").close()
                return host
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        raise StepFailed(f"docker-registry does not answer: {(self.work / 'registry.log').read_text()[-2000:]}")

    @cached_property
    def iristest(self) -> Path:
        return self.build("iristest", "./loader/iris/iristest/cmd/iristest", ROOT)

    @cached_property
    def irisnative(self) -> Path:
        return self.build("irisnative", ".", ROOT / "bench" / "irisnative")

    @cached_property
    def irispython(self) -> Path:
        return install_irispython()

    def start_iris(self) -> str:
        """Starts an empty test server for InterSystems IRIS and returns its URL."""
        process = self.spawn([self.iristest], "iristest.log", stdout=subprocess.PIPE)
        url = process.stdout.readline().decode().strip().removeprefix("listening on ")
        self.iris[url] = process
        return url

    def stop_iris(self, url: str):
        self.stop(self.iris.pop(url))

    def start_proxy(self, host: str, delay: str = "0s", rate: int = 0) -> str:
        """Starts a proxy that holds each request back, or lets only so many bytes through in a second."""
        binary = self.build("proxy", ".", ROOT / "bench" / "proxy")
        argv = [binary, "-to", f"http://{host}", "-delay", delay, "-rate", str(rate)]
        process = self.spawn(argv, "proxy.log", stdout=subprocess.PIPE)
        return process.stdout.readline().decode().strip().removeprefix("http://")

    def spawn(self, argv: list, log: str, **options) -> subprocess.Popen:
        with open(self.work / log, "wb") as f:
            options = {"stdout": f, "stderr": f, "env": environment()} | options
            self.servers.append(subprocess.Popen([str(a) for a in argv], **options))
        return self.servers[-1]

    def stop(self, process: subprocess.Popen):
        process.terminate()
        process.wait()
        self.servers.remove(process)

    def close(self):
        for process in list(self.servers):
            self.stop(process)
        shutil.rmtree(self.work, ignore_errors=True)


def install(program: str, package: str) -> str:
    if shutil.which(program) is None:
        output("apt-get", "install", "-y", package)
    return shutil.which(program)


def install_oras() -> Path:
    binary = TOOLS / "oras"
    if not binary.exists() or ORAS not in output(binary, "version"):
        TOOLS.mkdir(exist_ok=True)
        subprocess.run(["go", "install", f"oras.land/oras/cmd/oras@v{ORAS}"], check=True,
                       env=os.environ | {"GOBIN": str(TOOLS), "CGO_ENABLED": "0"})
    return binary


def install_irispython() -> Path:
    """InterSystems' driver, in an environment of its own; returns its python."""
    home = TOOLS / "bench-iris"
    wanted = f"intersystems-irispython=={IRISPYTHON}"
    if wanted not in (output(home / "bin" / "pip", "freeze") if home.exists() else ""):
        output(sys.executable, "-m", "venv", "--clear", home)
        output(home / "bin" / "pip", "install", "-q", "--disable-pip-version-check", "--no-input", wanted)
    return home / "bin" / "python"


def setup(world: World) -> dict:
    """Where and with what was measured."""
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    dirty = " with changes" if output("git", "status", "--porcelain", "--untracked-files=no") else ""
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": output("git", "rev-parse", "--short=12", "HEAD") + dirty,
        "CPU": f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB memory",
        "kernel": f"{platform.system()} {platform.release()}",
        "file system": output("df", "--output=fstype", world.work).splitlines()[-1],
        "load before": f"{os.getloadavg()[0]:.1f}",
        "irisfix": output(world.irisfix, "version"),
        "oras": output(world.oras, "version").splitlines()[0].split()[-1],
        "registry": output(world.docker_registry, "--version").split(maxsplit=1)[-1],
        "sqlite3": output(world.sqlite, "--version").split()[0],
        "intersystems-irispython": IRISPYTHON,
        "go-irisnative": output("go", "list", "-m", "-f", "{{.Version}}", "github.com/caretdev/go-irisnative", cwd=ROOT / "bench" / "irisnative"),
        "sha256sum": output("sha256sum", "--version").splitlines()[0],
        "go": output("go", "env", "GOVERSION"),
        "python": platform.python_version(),
    }
