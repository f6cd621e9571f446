"""Loads a CSV file into InterSystems IRIS, or reads tables into one, with InterSystems' own driver.

irispython.py load HOST:PORT FILE TABLES    into so many tables, each an equal part of the rows
irispython.py read HOST:PORT FILE TABLES    the same tables, one after the other

executemany in batches and fetchall, which takes less time than fetchmany; fast select takes as long.
"""

import csv
import sys

import iris.dbapi

BATCH = 10_000  # rows; with 1,000 and with 100,000 it takes as long or longer
COLUMNS = "id, customer, note, amount, placed, score, rating"
DDL = """CREATE TABLE {} (id BIGINT NOT NULL, customer VARCHAR(40) NOT NULL, note VARCHAR(200), amount NUMERIC(12,2),
placed DATE, score DOUBLE, rating INTEGER, CONSTRAINT Orders PRIMARY KEY (id))"""


def connect(address: str):
    host, port = address.split(":")
    return iris.dbapi.connect(hostname=host, port=int(port), namespace="USER", username="_SYSTEM", password="SYS")


def names(tables: str) -> list[str]:
    return [f"Bench.Orders{n:02}" for n in range(int(tables))]


def rows(path: str) -> list[tuple]:
    with open(path, newline="") as f:
        return [(int(i), customer, note, amount, placed, float(score), int(rating) if rating else None)
                for i, customer, note, amount, placed, score, rating in csv.reader(f)]


def load(address: str, path: str, tables: str):
    connection, data = connect(address), rows(path)
    cursor, part = connection.cursor(), len(data) // int(tables)
    for name in names(tables):
        cursor.execute(DDL.format(name))
    connection.setAutoCommit(False)
    for n, name in enumerate(names(tables)):
        for at in range(n * part, (n + 1) * part, BATCH):
            batch = data[at:min(at + BATCH, (n + 1) * part)]
            done = cursor.executemany(f"INSERT INTO {name} ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", batch)
            if any(d != 1 for d in done):  # a row that is refused need not raise
                raise SystemExit(f"{name}: {[d for d in done if d != 1][0]}")
    connection.commit()
    connection.close()


def read(address: str, path: str, tables: str):
    connection = connect(address)
    cursor = connection.cursor()
    with open(path, "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        for name in names(tables):
            cursor.execute(f"SELECT {COLUMNS} FROM {name} ORDER BY id")
            out.writerows(cursor.fetchall())
    connection.close()


if __name__ == "__main__":
    {"load": load, "read": read}[sys.argv[1]](*sys.argv[2:])
