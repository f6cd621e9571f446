"""Data sets: always the same bytes, made once and kept in .bench."""

import csv
import hashlib
import json
import random
import shutil
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from measure import StepFailed

PAGE = 8 << 10
COMPRESSIBLE = 0.6  # of each page
ROWS_DDL = ("CREATE TABLE {}(id INTEGER PRIMARY KEY, customer INTEGER, amount DECIMAL(12,2), placed DATETIME, "
            "score DOUBLE, note VARCHAR(200))")
WORDS = "alpha beta order customer ships late with invoice paid open the a blue north return partial".split()


@dataclass(frozen=True)
class Sizes:
    blobs: dict  # set: (files, bytes a file)
    tables: dict  # set: (tables, rows a table)
    rows: int
    iris: dict = field(default_factory=dict)  # set: (tables, rows of all together)


MI = 1 << 20
FULL = Sizes({"S": (10, 100_000), "M": (50, 4_000_000), "M4Mi": (50, 4 * MI), "T": (2_000, 4096), "L": (1, 1024 * MI)},
             {"M": (50, 160_000), "T": (2_000, 80)}, 1_000_000,
             {"I1": (1, 10_000), "I2": (1, 100_000), "I3": (1, 1_000_000), "I4": (1, 2_000_000), "I50": (50, 100_000)})
QUICK = Sizes({"S": (10, 100_000), "M": (10, 1_000_000), "M4Mi": (2, 4 * MI), "T": (200, 4096), "L": (1, 64 * MI)},
              {"M": (10, 20_000), "T": (200, 80)}, 50_000,
              {"I1": (1, 1_000), "I2": (1, 10_000), "I3": (1, 50_000), "I4": (1, 100_000), "I50": (10, 10_000)})


def describe(sizes: Sizes) -> str:
    files = "; ".join(f"{name} {n:,} files of {size:,} bytes" for name, (n, size) in sizes.blobs.items())
    tables = "; ".join(f"{name} {n:,} tables of {rows:,} rows" for name, (n, rows) in sizes.tables.items())
    iris = "; ".join(f"{name} {n:,} tables, {rows:,} rows of 7 columns" for name, (n, rows) in sizes.iris.items())
    return f"transfers {files}; validate and digest {tables}; R {sizes.rows:,} rows of 6 columns; IRIS {iris}"


def once(path: Path, make, key: str = "") -> Path:
    """Makes a file or folder unless it is there and was made with the same key."""
    mark = path.with_name(path.name + ".made")
    if not (path.exists() and mark.exists() and mark.read_text() == key):
        mark.unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)
        path.unlink(missing_ok=True) if path.is_file() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)
        mark.write_text(key)
    return path


def blobs(data: Path, name: str, sizes: Sizes) -> Path:
    """A fixture of the given number of files. Transfers do not look into .DAT files, so pages of noise will do."""
    files, size = sizes.blobs[name]

    def make(folder: Path):
        folder.mkdir()
        noise = random.Random(f"irisfix {name}")
        tables = []
        for i in range(files):
            file = f"Bench.T{i:04}.dat"
            checksum = write_pages(folder / file, size, noise)
            tables.append({"name": f"Bench.T{i:04}", "row_count": 1, "file": file, "checksum": f"sha256:{checksum}"})
        manifest = {"fixture_id": f"bench-{name}", "version": "1.0.0", "schema_version": "1.0", "description": "",
                    "created_at": "2026-01-01T00:00:00Z", "iris_version": "unknown", "tables": tables}
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")

    return once(data / f"blobs-{name}", make)


def successor(data: Path, sizes: Sizes) -> Path:
    """L after some use, L2: one page in a hundred has changed, here and there, and 2 % have been added."""
    before = blobs(data, "L", sizes)

    def make(folder: Path):
        shutil.copytree(before, folder)
        noise = random.Random("irisfix L2")
        manifest = json.loads((folder / "manifest.json").read_text())
        file = folder / manifest["tables"][0]["file"]
        pages = file.stat().st_size // PAGE
        with open(file, "r+b") as f:
            for page in sorted(noise.sample(range(pages), pages // 100)):
                f.seek(page * PAGE)
                f.write(noise.randbytes(64))
            f.seek(0, 2)
            for _ in range(pages // 50):
                f.write(noise.randbytes(round(PAGE * (1 - COMPRESSIBLE))).ljust(PAGE, b"\0"))
        manifest["version"] = "2.0.0"
        manifest["tables"][0]["checksum"] = f"sha256:{checksum(file)}"
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")

    return once(data / "blobs-L2", make)


def write_pages(path: Path, size: int, noise: random.Random) -> str:
    digest = hashlib.sha256()
    with open(path, "wb") as f:
        for at in range(0, size, PAGE):
            n = min(PAGE, size - at)
            page = noise.randbytes(round(n * (1 - COMPRESSIBLE))).ljust(n, b"\0")
            digest.update(page)
            f.write(page)
    return digest.hexdigest()


def orders(n: int):
    """The rows: key, reference, money, time, float, a few words. The floats are multiples of 2^-20: of others sqlite3
    reads one in ten thousand from text as its neighbour, and both sides should load the same."""
    r = random.Random("irisfix rows")
    at = 1_700_000_000
    for i in range(1, n + 1):
        at += r.randrange(60)
        day, second = divmod(at, 86_400)
        time = f"{date(day)} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        customer, amount, score = r.randrange(50_000), r.randrange(100_000) / 100, r.randrange(100 * MI) / MI
        yield i, customer, amount, time, score, " ".join(r.choices(WORDS, k=9))


def date(day: int, cache={}) -> str:
    if day not in cache:
        from datetime import date as calendar
        cache[day] = calendar.fromordinal(719_163 + day).isoformat()  # 719163 is 1970-01-01
    return cache[day]


def rows_csv(data: Path, sizes: Sizes) -> Path:
    def make(path: Path):
        with open(path, "w", newline="") as f:
            csv.writer(f, lineterminator="\n").writerows(orders(sizes.rows))

    return once(data / "rows.csv", make)


def iris_orders(n: int):
    """The rows for IRIS: key, two texts, decimal, date, double, and a number that is often NULL. ASCII, since
    go-irisnative loses what is not. Decimals are spelled as IRIS spells them."""
    r = random.Random("irisfix iris")
    for i in range(1, n + 1):
        customer, note, day = " ".join(r.choices(WORDS, k=2)), " ".join(r.choices(WORDS, k=9)), r.randrange(20_000)
        amount, score = f"{r.randrange(10**9) / 100:.2f}", r.randrange(100 * MI) / MI
        yield i, customer, note, amount.rstrip("0").rstrip("."), date(day), score, r.randrange(1_000_000) if r.random() < 0.7 else None


def iris_csv(data: Path, name: str, sizes: Sizes) -> Path:
    def make(path: Path):
        with open(path, "w", newline="") as f:
            csv.writer(f, lineterminator="\n").writerows(iris_orders(sizes.iris[name][1]))

    return once(data / f"iris-{name}.csv", make)


def connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=OFF")
    db.execute("PRAGMA synchronous=OFF")
    return db


def rows_db(data: Path, sizes: Sizes) -> Path:
    def make(path: Path):
        db = connect(path)
        with db:
            db.execute(ROWS_DDL.format("orders"))
            db.executemany("INSERT INTO orders VALUES(?,?,?,?,?,?)", orders(sizes.rows))
        db.close()

    return once(data / "rows.db", make)


def ten_mb_db(data: Path) -> Path:
    """A database of one table and 10 MB."""
    def make(path: Path):
        db = connect(path)
        with db:
            db.execute(ROWS_DDL.format("orders"))
            db.executemany("INSERT INTO orders VALUES(?,?,?,?,?,?)", orders(100_000))
        db.close()

    return once(data / "ten.db", make)


def tables_db(data: Path, name: str, sizes: Sizes) -> Path:
    """A database of many tables, each a different stretch of the rows."""
    tables, rows = sizes.tables[name]
    source = rows_db(data, sizes)

    def make(path: Path):
        db = connect(path)
        db.execute("ATTACH ? AS source", (str(source),))
        with db:
            for i in range(tables):
                db.execute(ROWS_DDL.format(f"orders{i:04}"))
                start = i * 7919 % (sizes.rows - rows)
                db.execute(f"INSERT INTO orders{i:04} SELECT * FROM source.orders WHERE id > ? ORDER BY id LIMIT ?",
                           (start, rows))
        db.close()

    return once(data / f"tables-{name}.db", make)


def created(data: Path, name: str, source: Path, create, key: str) -> Path:
    """A fixture that irisfix itself makes of a database. key names the irisfix: another one makes it again."""
    return once(data / f"created-{name}", lambda folder: create(source, folder), key)


def checksum(path: Path) -> str:
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def same_folder(got: Path, want: Path):
    """Both hold the same files with the same bytes."""
    names = [sorted(str(p.relative_to(d)) for p in d.rglob("*") if p.is_file()) for d in (got, want)]
    if names[0] != names[1]:
        raise StepFailed(f"{got} and {want} do not hold the same files")
    for name in names[0]:
        if checksum(got / name) != checksum(want / name):
            raise StepFailed(f"{got / name} has other bytes than {want / name}")


def same_files(got: Path, want: Path):
    """The .dat files of want are in got, with the same bytes."""
    for file in want.glob("*.dat"):
        if checksum(got / file.name) != checksum(file):
            raise StepFailed(f"{got / file.name} has other bytes than {file}")


def same_rows(got: Path, want: Path):
    """Both databases hold the same rows in orders."""
    db = sqlite3.connect(got)
    db.execute("ATTACH ? AS want", (str(want),))
    a, b = (f"SELECT *, typeof(amount), typeof(placed) FROM {schema}.orders" for schema in ("main", "want"))
    for q in (f"{a} EXCEPT {b}", f"{b} EXCEPT {a}"):
        if (n := db.execute(f"SELECT count(*) FROM ({q})").fetchone()[0]) != 0:
            raise StepFailed(f"{got} differs from {want} in {n} rows")
    counts = [db.execute(f"SELECT count(*) FROM {s}.orders").fetchone()[0] for s in ("main", "want")]
    if counts[0] != counts[1]:
        raise StepFailed(f"{got} has {counts[0]} rows, {want} has {counts[1]}")
