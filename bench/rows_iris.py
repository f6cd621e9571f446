"""What is measured of InterSystems IRIS, at the test server: no IRIS runs here. The same form as rows.py."""

from pathlib import Path

import fixtures
from measure import Command, Side, StepFailed, run
from rows import Aim, Bench, Row

PYTHON_PEER = Path(__file__).with_name("irispython.py")
CREATE, LOAD, VALIDATE = Aim("s", 30), Aim("s", 10), Aim("s", 5)  # said of 10,000 rows
FLAT = Aim("memory", 1.25)


def create(b: Bench, url: str, folder: Path) -> Command:
    return b.irisfix("create", "--name", "bench", "--output", folder, "--from", url)


def load(b: Bench, name: str, url: str) -> Command:
    return b.irisfix("load", fixture(b, name), "--to", url)


def python(b: Bench, verb: str, name: str, url: str, csv: Path) -> Command:
    host = url.split("@")[1].split("/")[0]
    tables, _ = b.sizes.iris[name]
    return Command([b.world.irispython, PYTHON_PEER, verb, host, csv, tables])


def python_load(b: Bench, name: str, url: str) -> Command:
    return python(b, "load", name, url, csv(b, name))


def native_load(b: Bench, name: str, url: str) -> Command:
    return Command([b.world.irisnative, url, csv(b, name)])


def csv(b: Bench, name: str) -> Path:
    return fixtures.iris_csv(b.world.data, name, b.sizes)


def loaded(b: Bench, name: str) -> str:
    """The URL of a server that has the rows, from InterSystems' driver."""
    url = b.world.start_iris()
    run(python_load(b, name, url), b.world.work)
    return url


def fixture(b: Bench, name: str) -> Path:
    def make(_, folder: Path):
        url = loaded(b, name)
        run(create(b, url, folder), b.world.work)
        b.world.stop_iris(url)

    return fixtures.created(b.world.data, f"iris-{name}", csv(b, name), make, fixtures.checksum(b.world.irisfix))


def same(got: Path, want: Path):
    """Two fixtures hold the same tables and rows. Their manifests have different dates."""
    if [p.name for p in sorted(got.glob("*.dat"))] != [p.name for p in sorted(want.glob("*.dat"))]:
        raise StepFailed(f"{got} and {want} do not hold the same tables")
    fixtures.same_files(got, want)


def loading(title: str, name: str, command, b: Bench) -> Side:
    """A load into an empty server. What is in it then is read again and compared."""
    fixture(b, name)
    last = []

    def prepare() -> Command:
        for url in last:
            b.world.stop_iris(url)
        last[:] = [b.world.start_iris()]
        return command(b, name, last[0])

    def check():
        back = b.fresh("back")
        run(create(b, last[0], back), b.world.work)
        same(back, fixture(b, name))

    return Side(title, prepare, check)


def loads(name: str, peer: str, command):
    return lambda b: [loading("irisfix load", name, load, b), loading(peer, name, command, b)]


def creating(title: str, name: str, b: Bench) -> tuple[Side, str]:
    """A creation from a server that stays, and its URL."""
    url, folder = loaded(b, name), b.new("created")
    return Side(title, lambda: create(b, url, b.fresh(folder.name)), lambda: same(folder, fixture(b, name))), url


def creates(name: str):
    def sides(b: Bench) -> list[Side]:
        ours, url = creating("irisfix create", name, b)
        out = b.world.work / "read.csv"

        def complete():
            if fixtures.checksum(out) != fixtures.checksum(csv(b, name)):
                raise StepFailed("InterSystems' driver read other rows")

        return [ours, Side("fetchall to CSV", lambda: python(b, "read", name, url, b.fresh(out.name)), complete)]

    return sides


def validates(name: str):
    def sides(b: Bench) -> list[Side]:
        folder = fixture(b, name)
        files = sorted(p.name for p in folder.glob("*.dat"))
        return [Side("irisfix validate", lambda: b.irisfix("validate", folder)),
                Side("sha256sum", lambda: Command(["sha256sum", *files], cwd=folder))]

    return sides


SIZES = ("I4", "I3", "I2")  # the more rows, the more memory, until the buffers are full: then no more


def larger_loads(b: Bench) -> list[Side]:
    return [loading(f"irisfix load {name}", name, load, b) for name in SIZES]


def larger_creates(b: Bench) -> list[Side]:
    return [creating(f"irisfix create {name}", name, b)[0] for name in SIZES]


ROWS = [
    Row("iris-create-I1", "create I1 from IRIS", creates("I1"), CREATE),
    Row("iris-load-I1", "load I1 into IRIS", loads("I1", "executemany", python_load), LOAD),
    Row("iris-validate-I1", "validate I1", validates("I1"), VALIDATE),
    Row("iris-create-I50", "create I50 from IRIS", creates("I50"), CREATE),
    Row("iris-load-I50", "load I50 into IRIS", loads("I50", "executemany", python_load), LOAD),
    Row("iris-validate-I50", "validate I50", validates("I50"), VALIDATE),
    Row("iris-create-I2", "create I2 from IRIS", creates("I2"), CREATE, cpu=True),
    Row("iris-validate-I2", "validate I2", validates("I2"), VALIDATE),
    Row("iris-load-I2", "load I2 into IRIS, beside the Python driver", loads("I2", "executemany", python_load), Aim("ratio", 0.33), cpu=True),
    Row("iris-load-I2-go", "load I2 into IRIS, beside go-irisnative", loads("I2", "row by row", native_load), Aim("ratio", 0.2), cpu=True),
    Row("iris-create-memory", "create I4 from IRIS, beside fewer rows", larger_creates, FLAT, memory=True),
    Row("iris-load-memory", "load I4 into IRIS, beside fewer rows", larger_loads, FLAT, memory=True),
]
