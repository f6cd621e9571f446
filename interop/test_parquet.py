"""A table .DAT is read by every Parquet library, and each sees the rows of the database: all of them, with their types."""

import datetime
import decimal
import json
import re
import sqlite3

import pytest

# What a column must be for pyarrow, by the type that SQLite was told.
ARROW = [
    (r"TINYINT|SMALLINT", "int32"),
    (r"INTEGER|BIGINT", "int64"),
    (r"BOOLEAN", "bool"),
    (r"(?:DECIMAL|NUMERIC)\((\d+),(\d+)\)", "decimal128({}, {})"),
    (r"DOUBLE", "double"),
    (r"(?:VAR)?CHAR\(\d+\)|TEXT", "string"),
    (r"BLOB|VARBINARY\(\d+\)", "binary"),
    (r"DATE", "date32[day]"),
    (r"TIME", "time64[us]"),
    (r"TIMESTAMP", "timestamp[us]"),
]


def with_pyarrow(path):
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path, page_checksum_verification=True)
    return table.column_names, [tuple(row.values()) for row in table.to_pylist()]


def with_duckdb(path):
    import duckdb

    result = duckdb.sql(f"SELECT * FROM read_parquet('{path}')")
    return result.columns, result.fetchall()


def with_polars(path):
    import polars

    frame = polars.read_parquet(path)
    return frame.columns, frame.rows()


def with_pandas(path):
    import pandas

    frame = pandas.read_parquet(path, dtype_backend="pyarrow")

    def plain(value):
        if value is pandas.NA or value is pandas.NaT:
            return None
        return value.to_pydatetime() if isinstance(value, pandas.Timestamp) else value

    return list(frame.columns), [tuple(map(plain, row)) for row in zip(*(frame[c].tolist() for c in frame))]


def meaning(value, declared):
    """What a value of SQLite means under a declared type, by Python's own types."""
    if value is None:
        return None
    if declared == "BOOLEAN":
        return bool(value)
    if found := re.fullmatch(r"(?:DECIMAL|NUMERIC)\(\d+,(\d+)\)", declared):
        return decimal.Decimal(repr(value)).quantize(decimal.Decimal(1).scaleb(-int(found[1])))
    for name, type in (("DATE", datetime.date), ("TIME", datetime.time), ("TIMESTAMP", datetime.datetime)):
        if declared == name:
            return type.fromisoformat(value)
    return value


def tables(database):
    """Every table with its columns (name and declared type), primary key and rows in the order of the primary key."""
    with sqlite3.connect(database) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            quoted = '"' + name.replace('"', '""') + '"'
            info = db.execute(f"PRAGMA table_info({quoted})").fetchall()
            key = [i[0] for i in sorted(info, key=lambda i: i[5]) if i[5]]
            order = ", ".join(str(i + 1) for i in key) or "rowid"
            yield name, [(i[1], i[2]) for i in info], db.execute(f"SELECT * FROM {quoted} ORDER BY {order}").fetchall()


@pytest.mark.parametrize("source", ["shop", "types"])
def test_every_reader_sees_every_row(source, databases, irisfix, tmp_path):
    import pyarrow.parquet

    irisfix("create", "--name", source, "--output", tmp_path / "fixture", "--from", f"sqlite:{databases[source]}")
    manifest = json.loads((tmp_path / "fixture" / "manifest.json").read_text())
    files = {t["name"]: tmp_path / "fixture" / t["file"] for t in manifest["tables"]}
    seen = 0
    for name, columns, rows in tables(databases[source]):
        schema = pyarrow.parquet.read_schema(files[name])
        assert list(zip(schema.names, map(str, schema.types))) == [(column, arrow(declared)) for column, declared in columns]
        want = [tuple(meaning(v, declared) for v, (_, declared) in zip(row, columns)) for row in rows]
        for read in (with_pyarrow, with_duckdb, with_polars, with_pandas):
            names, got = read(files[name])
            assert list(names) == [column for column, _ in columns], read.__name__
            assert len(got) == len(want), read.__name__
            for mine, theirs in zip(want, got):
                assert (theirs, types(theirs)) == (mine, types(mine)), f"{read.__name__} {name}"
        seen += len(rows)
    assert (len(files), seen) == {"shop": (7, 16729), "types": (5, 28)}[source]


def arrow(declared):
    for pattern, name in ARROW:
        if found := re.fullmatch(pattern, declared):
            return name.format(*found.groups())
    raise AssertionError(declared)


def types(row):
    """The types too, since 1 == True == Decimal(1) for Python; and the digits of decimals."""
    return [(type(v), v.as_tuple() if isinstance(v, decimal.Decimal) else None) for v in row]
