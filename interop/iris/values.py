"""The values of values.txt, and how a value that came back is compared with one."""

import datetime
import decimal
import pathlib
import struct


class Table:
    def __init__(self, name, sql_type, kind):
        self.name, self.sql_type, self.kind, self.rows = name, sql_type, kind, []

    @property
    def long(self):
        """Holds values of megabytes."""
        return self.sql_type.startswith("LONG")


def tables():
    found = []
    for line in (pathlib.Path(__file__).parent / "values.txt").read_text().split("\n"):
        if line.startswith("table|"):
            found.append(Table(*line.split("|")[1:]))
        elif line and line[0] in "-=x*+":
            found[-1].rows.append(value(found[-1].kind, line[0], line[2:]))
    return found


def value(kind, form, rest):
    """What a line of values.txt stands for: None, str, or bytes."""
    if form == "-":
        return None
    if form == "=":
        return rest if kind != "binary" else rest.encode()
    if form == "x":
        return rest if kind == "double" else bytes.fromhex(rest).decode() if kind == "text" else bytes.fromhex(rest)
    if form == "+":
        return "é" * int(rest)
    return text_pattern(int(rest)) if kind == "text" else (bytes(range(256)) * (int(rest) // 256 + 1))[: int(rest)]


def text_pattern(units):
    return "aé€💻" * (units // 5) + ("", "a", "aé", "aé€", "aé€z")[units % 5]


def canonical(kind, got):
    """The form in which two values are compared."""
    if got is None:
        return None
    if kind == "integer":
        return int(got)
    if kind == "decimal":
        return decimal.Decimal(str(got))
    if kind == "double":
        return struct.pack(">d", float.fromhex(got) if isinstance(got, str) and "0x" in got else float(got)).hex()
    if kind in ("date", "time", "timestamp"):
        return moment(str(got))
    if kind == "guid":
        return str(got).upper()
    if kind == "vector":
        return [float(x) for x in str(got).strip("[]").split(",")]
    return got


def moment(text):
    head, point, fraction = text.partition(".")
    return head + (point + fraction.rstrip("0")).rstrip(".")


def expected(table):
    return [row if table.kind == "double" else canonical(table.kind, row) for row in table.rows]


def native(kind, row):
    """The Python value that a program would have in hand, where Python has one that holds it."""
    if row is None:
        return None
    match kind:
        case "integer":
            return int(row)
        case "decimal":
            return decimal.Decimal(row)
        case "double":
            return struct.unpack(">d", bytes.fromhex(row))[0]
        case "date":
            return datetime.date.fromisoformat(row)
        case "time" if len(row.partition(".")[2]) <= 6:
            return datetime.time.fromisoformat(row)
        case "timestamp" if len(row.partition(".")[2]) <= 6:
            return datetime.datetime.fromisoformat(row)
    return row


def differences(table, got):
    """Lines that say where rows that were read are not what values.txt has."""
    if len(got) != len(table.rows):
        yield f"{table.name}: {len(got)} rows, not {len(table.rows)}"
        return
    for n, (want, row) in enumerate(zip(expected(table), got), 1):
        if type(row) is bytearray or (table.kind in ("text", "binary") and type(row) is not type(want)):
            yield f"{table.name} {n}: {type(row).__name__} {row!r:.60}, not {want!r:.60}"
        elif canonical(table.kind, row) != held(want, row):
            yield f"{table.name} {n}: {brief(canonical(table.kind, row))}, not {brief(want)}"


def held(want, row):
    """As much of a moment as Python's classes hold, if the driver gave one: six digits of a fraction."""
    if isinstance(row, (datetime.datetime, datetime.time)):
        head, _, fraction = want.partition(".")
        return moment(f"{head}.{fraction[:6]}")
    return want


def brief(v):
    return f"{v!r:.60}" + (f" ({len(v)} long)" if hasattr(v, "__len__") and len(v) > 60 else "")
