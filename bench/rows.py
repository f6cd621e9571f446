"""What is measured: one function a subject, one line a row. Aims stand in these lines and nowhere else."""

import itertools
import os
import shutil
import subprocess
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import fixtures
from measure import Command, Side, StepFailed, environment, run
from world import World


@dataclass(frozen=True)
class Aim:
    of: str  # ratio, s, s more (than the peer), MB, requests, or memory: a ratio of peaks
    at_most: float

    def __str__(self):
        return f"{self.of} <= {self.at_most:g}"


@dataclass
class Row:
    key: str
    what: str
    make: callable  # Bench -> [irisfix, peer, …]
    aim: Aim | None = None
    memory: bool = False  # its peak memory is a row of its own
    cpu: bool = False  # so is the time of processor that the clients take
    runs: int = 0  # at least so many, for what takes milliseconds


MEMORY_AIM = Aim("MB", 150)
SIZE_AIM = Aim("MB", 30)
START_RUNS = 21


@dataclass
class Bench:
    """What the rows share: the world, the registry, and where things are."""

    world: World
    sizes: fixtures.Sizes
    host: str
    slow: str  # the same registry behind 20 ms
    narrow: str  # the same registry behind 20 MB/s
    counted: str  # the same registry behind a counter
    number: itertools.count = field(default_factory=itertools.count)

    def blobs(self, name: str) -> Path:
        if name == "L2":
            return fixtures.successor(self.world.data, self.sizes)
        return fixtures.blobs(self.world.data, name, self.sizes)

    def created(self, name: str) -> Path:
        data = self.world.data
        source = fixtures.rows_db(data, self.sizes) if name == "rows" else fixtures.tables_db(data, name, self.sizes)
        return fixtures.created(data, name, source, self.create_now, fixtures.checksum(self.world.irisfix))

    def create_now(self, source: Path, folder: Path):
        run(self.create_command(source, folder), self.world.work)

    def create_command(self, source: Path, folder: Path) -> Command:
        return self.irisfix("create", "--name", "bench", "--output", folder, "--from", f"sqlite:{source}")

    def irisfix(self, *args, cache: Path | None = None, **options) -> Command:
        """An irisfix with a cache of its own; unless it is given one it knows nothing: no blob, no verified file."""
        return Command([self.world.irisfix, "--cache-dir", cache or self.fresh("cache"), *args], **options)

    def oras(self, verb: str, *args, **options) -> Command:
        return Command([self.world.oras, verb, "--plain-http", *args], **options)

    def fresh(self, name: str) -> Path:
        """A path at which there is nothing. What was there is emptied and kept until the end: ext4 without a journal
        is slow to make files for minutes after many were removed."""
        path = self.world.work / name
        if path.exists():
            left = self.world.work / f"left-{next(self.number)}"
            path.rename(left)
            empty(left)
        return path

    def new(self, name: str) -> Path:
        """A path that nobody had before, for what shares files with others by hard links."""
        return self.world.work / f"{name}-{next(self.number)}"

    def repository(self, host: str = "") -> str:
        """A reference into a repository that does not exist yet."""
        return f"{host or self.host}/bench/r{next(self.number)}:1"

    # The two sides' ways to do the same.

    def push_ours(self, name: str, reference: str, **options) -> Command:
        return self.irisfix("push", self.blobs(name), reference, **options)

    def push_oras(self, name: str, reference: str) -> Command:
        folder = self.blobs(name)
        return self.oras("push", reference, *sorted(p.name for p in folder.iterdir()), cwd=folder)

    def pushed(self, name: str, push) -> str:
        """The reference of a set that this side has pushed."""
        reference = self.repository()
        run(push(name, reference), self.world.work)
        return reference

    def pulls_same(self, name: str, reference: str):
        """The independent client gets from the registry what the folder holds."""
        out = self.fresh("check")
        run(self.oras("pull", reference, "-o", out), self.world.work)
        fixtures.same_folder(out, self.blobs(name))


def empty(path: Path):
    """Gives back the room of large files, without removing them."""
    for f in [path, *path.rglob("*")]:
        if f.is_file() and f.stat().st_size > 64 << 10:
            f.chmod(0o644)  # blobs in a cache are read-only
            os.truncate(f, 0)


def push(name: str, slow: bool = False):
    def sides(b: Bench) -> list[Side]:
        def side(title, command):
            last = []

            def prepare() -> Command:
                last[:] = [b.repository(b.slow if slow else b.host)]
                return command(name, last[0])

            return Side(title, prepare, lambda: b.pulls_same(name, last[0].replace(b.slow, b.host)))

        return [side("irisfix push", b.push_ours), side("oras push", b.push_oras)]

    return sides


def pull(name: str, slow: bool = False):
    def sides(b: Bench) -> list[Side]:
        ours, theirs = b.pushed(name, b.push_ours), b.pushed(name, b.push_oras)
        if slow:
            ours, theirs = (r.replace(b.host, b.slow) for r in (ours, theirs))
        check = lambda: fixtures.same_folder(b.world.work / "out", b.blobs(name))
        return [Side("irisfix pull", lambda: b.irisfix("pull", ours, "-o", b.fresh("out")), check),
                Side("oras pull", lambda: b.oras("pull", theirs, "-o", b.fresh("out")), check)]

    return sides


def into_cache(name: str):
    """A pull without a directory: the bytes are written once, as by the peers."""
    def sides(b: Bench) -> list[Side]:
        ours, theirs, cache = b.pushed(name, b.push_ours), b.pushed(name, b.push_oras), b.world.work / "cold"
        file = next(b.blobs(name).glob("*.dat"))
        host, repository = theirs.split("/", 1)
        url = f"http://{host}/v2/{repository.split(':')[0]}/blobs/sha256:{fixtures.checksum(file)}"
        out = lambda: fixtures.same_folder(b.world.work / "out", b.blobs(name))
        shell = lambda line: Command(["bash", "-o", "pipefail", "-c", line])
        return [Side("irisfix pull", lambda: b.irisfix("pull", ours, cache=b.fresh("cold")), lambda: cached(b, cache, name)),
                Side("oras pull", lambda: b.oras("pull", theirs, "-o", b.fresh("out")), out),
                Side("curl to a file", lambda: shell(f"curl -sf {url} -o {b.fresh('out.curl')}")),
                Side("curl, tee, sha256sum", lambda: shell(f"curl -sf {url} | tee {b.fresh('out.curl')} | sha256sum"))]

    return sides


def cached(b: Bench, cache: Path, name: str):
    """The cache holds the files of a set."""
    for file in b.blobs(name).glob("*.dat"):
        digest = fixtures.checksum(file)
        if fixtures.checksum(cache / "blobs" / "sha256" / digest) != digest:
            raise StepFailed(f"{file.name}: other bytes in the cache")


def l_there(b: Bench, before: str, ours: str) -> Side:
    """A pull of L2, which ours names, into a cache that has L, which before names."""
    warm, cache = b.fresh("warm"), b.world.work / "cache-delta"
    run(b.irisfix("pull", before, cache=warm), b.world.work)

    def prepare() -> Command:
        shutil.copytree(warm, b.fresh(cache.name))
        run(b.irisfix("cache", "verify", cache=cache), b.world.work)  # the copies are new files
        return b.irisfix("pull", ours, cache=cache)

    return Side("irisfix pull, L there", prepare, lambda: cached(b, cache, "L2"))


def delta(narrow: bool):
    """L2 where L is in the cache, beside all of L2."""
    def sides(b: Bench) -> list[Side]:
        before, ours, theirs = b.pushed("L", b.push_ours), b.pushed("L2", b.push_ours), b.pushed("L2", b.push_oras)
        if narrow:
            ours, theirs = (r.replace(b.host, b.narrow) for r in (ours, theirs))
        return [l_there(b, before, ours),
                Side("irisfix pull, cold", lambda: b.irisfix("pull", ours, cache=b.fresh("cold"))),
                Side("oras pull", lambda: b.oras("pull", theirs, "-o", b.fresh("out")))]

    return sides


def beside_casync(b: Bench) -> list[Side]:
    """L2 where L is there, beside casync with L as its seed and its chunks in a local folder: the one tool in Debian
    that moves differences of files."""
    before, ours = b.pushed("L", b.push_ours), b.pushed("L2", b.push_ours)
    with_cache = l_there(b, before, ours)
    old, new = (next(b.blobs(name).glob("*.dat")) for name in ("L", "L2"))
    store, index, out = b.fresh("l2.castr"), b.fresh("l2.caibx"), b.world.work / "casync.out"
    run(Command([b.world.casync, "make", f"--store={store}", index, new]), b.world.work)

    def same():
        if fixtures.checksum(out) != fixtures.checksum(new):
            raise StepFailed("casync gave other bytes")

    extract = lambda: Command([b.world.casync, "extract", f"--store={store}", f"--seed={old}", index, b.fresh(out.name)])
    return [with_cache, Side("casync extract", extract, same)]


def git(*lines: str) -> Command:
    """Git with nobody's settings and Git LFS for .dat files."""
    setup = "export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=b GIT_AUTHOR_EMAIL=b@b GIT_COMMITTER_NAME=b GIT_COMMITTER_EMAIL=b@b"
    return Command(["bash", "-ec", "\n".join([setup, *lines])])


def work_tree(b: Bench, name: str) -> Path:
    """A repository whose .dat files are in Git LFS and committed."""
    tree = b.new("tree")
    run(git(f"git init -q -b main {tree}", f"cd {tree}", "git lfs install --local >/dev/null", "git lfs track '*.dat' >/dev/null",
            f"cp {b.blobs(name)}/* .", "git add -A", "git commit -q -m data"), b.world.work)
    return tree


def pushing_to(b: Bench, tree: Path, bare: Path) -> Command:
    run(git(f"git init -q --bare -b main {bare}"), b.world.work)
    return git(f"cd {tree}", f"git push -q file://{bare} main")


def push_lfs(name: str):
    def sides(b: Bench) -> list[Side]:
        tree = work_tree(b, name)
        return [Side("irisfix push", lambda: b.push_ours(name, b.repository())),
                Side("git push, Git LFS", lambda: pushing_to(b, tree, b.new("bare")))]

    return sides


def pull_lfs(name: str):
    def sides(b: Bench) -> list[Side]:
        ours, bare, last = b.pushed(name, b.push_ours), b.new("served"), []
        run(pushing_to(b, work_tree(b, name), bare), b.world.work)

        def clone() -> Command:
            last[:] = [b.new("clone")]
            return git(f"GIT_LFS_SKIP_SMUDGE=1 git clone -q file://{bare} {last[0]}", f"cd {last[0]}", "git lfs install --local >/dev/null", "git lfs pull")

        return [Side("irisfix pull", lambda: b.irisfix("pull", ours, "-o", b.fresh("out")),
                     lambda: fixtures.same_files(b.world.work / "out", b.blobs(name))),
                Side("git clone, Git LFS", clone, lambda: fixtures.same_files(last[0], b.blobs(name)))]

    return sides


def resumed(b: Bench) -> list[Side]:
    """What is left to do when a pull was killed after half of the bytes, beside all of it."""
    reference, cache = b.pushed("L", b.push_ours), b.world.work / "cache-half"

    def prepare() -> Command:
        half(b, reference, b.fresh("cache-half"))
        return b.irisfix("pull", reference, cache=cache)

    return [Side("irisfix pull, half there", prepare, lambda: cached(b, cache, "L")),
            Side("irisfix pull, cold", lambda: b.irisfix("pull", reference, cache=b.fresh("cold")))]


def half(b: Bench, reference: str, cache: Path):
    """Kills a pull when half of the bytes are on the disk. A small one is too fast to be caught but over a narrow line."""
    limit = next(b.blobs("L").glob("*.dat")).stat().st_size // 2
    if limit < 256 << 20:
        reference = reference.replace(b.host, b.narrow)
    process = subprocess.Popen([str(a) for a in b.irisfix("pull", reference, cache=cache).argv], env=environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    partial = cache / "partial"

    def there() -> int:
        try:
            return sum(f.stat().st_blocks * 512 for f in partial.iterdir())
        except FileNotFoundError:  # not yet, or not any more
            return 0

    while process.poll() is None and there() < limit:
        pass
    process.kill()
    process.wait()
    if there() < limit:
        raise StepFailed("the pull was over before it could be killed")


def push_again(b: Bench) -> list[Side]:
    cache = b.fresh("cache-push")
    ours, theirs = b.repository(), b.pushed("M", b.push_oras)
    run(b.push_ours("M", ours, cache=cache), b.world.work)
    return [Side("irisfix push", lambda: b.push_ours("M", ours, cache=cache), lambda: b.pulls_same("M", ours)),
            Side("oras push", lambda: b.push_oras("M", theirs))]


def pinned(b: Bench, host: str) -> tuple[Path, Path]:
    """A cache and a lock file with M pinned."""
    cache, lock = b.fresh("cache-pin"), b.fresh("irisfix.lock")
    run(b.irisfix("--lock-file", lock, "push", b.blobs("M"), b.repository(host), "--pin", "m"), b.world.work)
    run(b.irisfix("--lock-file", lock, "pull", "m", cache=cache), b.world.work)
    return cache, lock


def pull_pinned(fresh: bool):
    def sides(b: Bench) -> list[Side]:
        cache, lock = pinned(b, b.host)
        theirs, oras_cache = b.pushed("M", b.push_oras), b.fresh("cache-oras")
        out = [b.fresh("again-ours"), b.fresh("again-oras")]
        to = lambda folder: b.fresh(folder.name) if fresh else folder
        ours = lambda: b.irisfix("--lock-file", lock, "--offline", "pull", "m", "-o", to(out[0]), cache=cache)
        oras = lambda: b.oras("pull", theirs, "-o", to(out[1]), env={"ORAS_CACHE": oras_cache})
        run(ours(), b.world.work)
        run(oras(), b.world.work)
        return [Side("irisfix pull", ours, lambda: fixtures.same_folder(out[0], b.blobs("M"))),
                Side("oras pull", oras, lambda: fixtures.same_folder(out[1], b.blobs("M")))]

    return sides


def hashing(command: str, name: str, again: bool = False):
    """A command that reads a created fixture, against sha256sum of its files."""
    def sides(b: Bench) -> list[Side]:
        folder = b.created(name)
        files = sorted(p.name for p in folder.glob("*.dat"))
        cache = b.fresh("cache-stamps")
        return [Side(f"irisfix {command}", lambda: b.irisfix(command, folder, cache=cache if again else None)),
                Side("sha256sum", lambda: Command(["sha256sum", *files], cwd=folder))]

    return sides


def load(b: Bench) -> list[Side]:
    folder, source = b.created("rows"), fixtures.rows_db(b.world.data, b.sizes)
    data = fixtures.rows_csv(b.world.data, b.sizes)
    script = b.world.work / "import.sql"
    script.write_text(f"{fixtures.ROWS_DDL.format('orders')};\n.mode csv\n.import '{data}' orders\n")
    target = b.world.work / "target.db"
    check = lambda: fixtures.same_rows(target, source)
    return [Side("irisfix load", lambda: b.irisfix("load", folder, "--to", f"sqlite:{b.fresh(target.name)}"), check),
            Side("sqlite3 .import", lambda: Command([b.world.sqlite, b.fresh(target.name)], stdin=script), check)]


def create(b: Bench) -> list[Side]:
    source = fixtures.rows_db(b.world.data, b.sizes)
    folder, dump = b.world.work / "created", b.world.work / "dump.sql"

    def dumped():
        with open(dump, "rb") as f:
            f.seek(-8, 2)
            if f.read() != b"COMMIT;\n":
                raise StepFailed("the dump is not complete")

    def same():
        if fixtures.checksum(folder / "orders.dat") != fixtures.checksum(b.created("rows") / "orders.dat"):
            raise StepFailed("two creations gave different bytes")

    dumping = lambda: Command([b.world.sqlite, source, ".dump"], stdout=b.fresh(dump.name))
    return [Side("irisfix create", lambda: b.create_command(source, b.fresh(folder.name)), same),
            Side("sqlite3 .dump", dumping, dumped)]


def start(b: Bench) -> list[Side]:
    return [Side("irisfix version", lambda: Command([b.world.irisfix, "version"])),
            Side("oras version", lambda: Command([b.world.oras, "version"])),
            Side("/bin/true", lambda: Command(["/bin/true"]))]


ROWS = [
    Row("push-S", "push S, new repository", push("S")),
    Row("push-M", "push M, new repository", push("M"), Aim("ratio", 1.0)),
    Row("push-M4Mi", "push M4Mi, new repository", push("M4Mi")),
    Row("push-T", "push T, new repository", push("T"), Aim("ratio", 0.4)),
    Row("push-L", "push L, new repository", push("L"), memory=True),
    Row("pull-S", "pull S, cold", pull("S")),
    Row("pull-M", "pull M, cold", pull("M"), Aim("ratio", 0.9)),
    Row("pull-M4Mi", "pull M4Mi, cold", pull("M4Mi")),
    Row("pull-T", "pull T, cold", pull("T"), Aim("ratio", 0.4)),
    Row("pull-L", "pull L, cold", pull("L"), memory=True),
    Row("pull-L-cache", "pull L into the cache, cold", into_cache("L"), Aim("ratio", 0.8), memory=True),
    Row("pull-L-resumed", "pull L, killed after half", resumed),
    Row("pull-L2", "pull L2 into the cache, L there", delta(narrow=False), Aim("ratio", 0.5), memory=True),
    Row("pull-L2-20MB", "pull L2 into the cache, L there, 20 MB/s", delta(narrow=True), Aim("ratio", 0.1)),
    Row("pull-L2-casync", "pull L2, L there, beside casync", beside_casync),
    Row("push-M-lfs", "push M, beside Git LFS", push_lfs("M")),
    Row("pull-M-lfs", "pull M, beside Git LFS", pull_lfs("M")),
    Row("push-T-lfs", "push T, beside Git LFS", push_lfs("T")),
    Row("pull-T-lfs", "pull T, beside Git LFS", pull_lfs("T")),
    Row("push-T-20ms", "push T, 20 ms a request", push("T", slow=True)),
    Row("pull-T-20ms", "pull T, 20 ms a request", pull("T", slow=True)),
    Row("push-M-again", "push M, nothing changed", push_again, Aim("s", 0.03)),
    Row("pull-M-again", "pull M, pinned, directory there", pull_pinned(fresh=False), Aim("s", 0.03)),
    Row("pull-M-cached", "pull M, pinned, new directory from the cache", pull_pinned(fresh=True)),
    Row("validate-M", "validate M, first time", hashing("validate", "M"), Aim("ratio", 0.6), memory=True),
    Row("validate-T", "validate T, first time", hashing("validate", "T"), Aim("ratio", 0.6)),
    Row("validate-M-again", "validate M, checksums known", hashing("validate", "M", again=True), Aim("s", 0.01)),
    Row("validate-T-again", "validate T, checksums known", hashing("validate", "T", again=True)),
    Row("digest-M", "digest M, first time", hashing("digest", "M")),
    Row("digest-T", "digest T, first time", hashing("digest", "T")),
    Row("validate-rows", "validate R, first time", hashing("validate", "rows"), memory=True),
    Row("load", "load R into SQLite", load, Aim("ratio", 0.9), memory=True),
    Row("create", "create R from SQLite", create, memory=True),
    Row("start", "start-up", start, Aim("s", 0.015), runs=START_RUNS),
]


# Requests are counted once each, at a proxy: they do not vary.

REQUEST_AIMS = {"pull M, pinned, directory there": Aim("requests", 0)}


def count_requests(b: Bench) -> list[dict]:
    def counted(command: Command) -> int:
        ask = lambda: int(urllib.request.urlopen(f"http://{b.counted}/-/requests").read())
        before = ask()
        run(command, b.world.work)
        return ask() - before

    found = []
    for name in ("M", "T"):
        ours, theirs, cache = b.repository(b.counted), b.repository(b.counted), b.fresh("cache-count")
        for what in (f"push {name}, new repository", f"push {name}, nothing changed"):
            found.append((what, counted(b.push_ours(name, ours, cache=cache)), counted(b.push_oras(name, theirs))))
        found.append((f"pull {name}, cold", counted(b.irisfix("pull", ours, "-o", b.fresh("out"))),
                      counted(b.oras("pull", theirs, "-o", b.fresh("out")))))
        if name == "M":
            cache, lock = pinned(b, b.counted)
            again = lambda: b.irisfix("--lock-file", lock, "pull", "m", "-o", b.world.work / "out", cache=cache)
            env = {"ORAS_CACHE": b.fresh("cache-oras")}
            oras_again = lambda: b.oras("pull", theirs, "-o", b.world.work / "out-oras", env=env)
            b.fresh("out"), b.fresh("out-oras")
            run(again(), b.world.work), run(oras_again(), b.world.work)
            found.append(("pull M, pinned, directory there", counted(again()), counted(oras_again())))
    return [{"what": what, "irisfix": ours, "peer": theirs, "aim": REQUEST_AIMS.get(what)}
            for what, ours, theirs in found]
