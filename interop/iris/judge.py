"""The vendor's DB-API driver (intersystems-irispython) as a judge: a program, run by the Python that has the driver.

judge.py URL COMMAND [ARGUMENTS]; see COMMANDS below. It fails with what differs.
"""

import pathlib
import re
import sys
import urllib.parse

import iris

import values


class Server:
    def __init__(self, url):
        u = urllib.parse.urlsplit(url)
        self.host, self.port, self.namespace = u.hostname, u.port, u.path[1:]
        self.user, self.password = urllib.parse.unquote(u.username), urllib.parse.unquote(u.password)

    def connect(self, **options):
        login = {"hostname": self.host, "port": self.port, "namespace": self.namespace, "username": self.user,
                 "password": self.password, "timeout": 10, "sharedmemory": False}
        return iris.connect(**(login | options))


def refused(call, *args, **kwargs):
    """The text of the error that a call must end in."""
    try:
        call(*args, **kwargs)
    except Exception as error:
        return str(error)
    raise AssertionError(f"{args} must fail")


def login(server):
    """Who may connect, and what the others are told."""
    for wrong in ({"password": "wrong"}, {"username": "nobody"}):
        text = refused(server.connect, **wrong)
        assert "Access Denied" in text, text
    text = refused(server.connect, namespace="ABSENT")
    assert "ABSENT" in text or "-400" in text, text
    c = server.connect()
    assert c.autocommit is True and c.namespace == server.namespace, (c.autocommit, c.namespace)
    c.close()
    assert c.isClosed()
    c = server.connect(autoCommit=False)
    assert c.autocommit is False
    c.close()


def refuse(server, user, password, text):
    """Somebody may not connect, and is told so."""
    error = refused(server.connect, username=user, password=password)
    assert text in error, error


def full(server):
    """As many are connected as the licence allows."""
    c = server.connect()
    error = refused(server.connect)
    assert "LICENSE LIMIT EXCEEDED" in error, error
    c.close()
    server.connect().close()


def tls(server):
    """A connection through TLS; the settings are in the file that ISC_SSLconfigurations names."""
    c = server.connect(sslconfig="trusted")
    cursor = c.cursor()
    cursor.execute("SELECT 'é', ?", [1])
    assert [str(v) for v in cursor.fetchone()] == ["é", "1"]
    c.close()
    text = refused(server.connect, sslconfig="distrusted")
    assert "certificate verify failed" in text, text


def write(server, schema, *names):
    """All values, or those of some tables."""
    c = server.connect()
    cursor = c.cursor()
    for t in chosen(names):
        cursor.execute(f"CREATE TABLE {schema}.{t.name} (N INTEGER PRIMARY KEY, V {t.sql_type})")
        value = "TO_VECTOR(?, DOUBLE)" if t.kind == "vector" else "?"
        for n, row in enumerate(t.rows, 1):
            cursor.execute(f"INSERT INTO {schema}.{t.name} (N, V) VALUES (?, {value})", [n, values.native(t.kind, row)])
            assert cursor.rowcount == 1, cursor.rowcount
    c.close()


def read(server, schema, *names):
    """What is there must be what values.txt says, whoever wrote it."""
    c = server.connect()
    wrong = []
    for t in chosen(names):
        cursor = c.cursor()
        cursor.execute(f"SELECT N, V FROM {schema}.{t.name} ORDER BY N")
        wrong += values.differences(t, [row[1] for row in cursor.fetchall()])
        cursor.close()  # 5.4.1 crashes if a cursor that read streams is still there when its connection is closed
    c.close()
    assert not wrong, "\n".join(wrong)


def chosen(names):
    """The tables of these names; with "-" in front, all but those."""
    without = {n[1:] for n in names if n.startswith("-")}
    return [t for t in values.tables() if (t.name not in without if without or not names else t.name in names)]


def scenario(server, schema):
    Scenario(server, schema).play((pathlib.Path(__file__).parent / "scenario.txt").read_text())


class Scenario:
    def __init__(self, server, schema):
        self.server, self.schema, self.line = server, schema, 0
        self.first, self.second = server.connect(), server.connect()

    def play(self, text):
        lines = [line.replace("{s}", self.schema) for line in text.split("\n")]
        for self.line, line in enumerate(lines, 1):
            if not line or line[0] in "#=":
                continue
            command, *args = line.split("|")
            rows = []
            for row in lines[self.line:]:
                if not row.startswith("= "):
                    break
                rows.append([None if v == r"\N" else v for v in row[2:].split("|")])
            getattr(self, command)(rows, *args)

    def check(self, right, *what):
        assert right, (f"scenario.txt:{self.line}", *what)

    def execute(self, sql):
        cursor = self.first.cursor()
        try:
            cursor.execute(sql)
        except Exception as error:
            self.check(False, sql, error)
        return cursor

    def run(self, rows, sql):
        self.execute(sql)

    def count(self, rows, n, sql):
        got = self.execute(sql).rowcount
        self.check(got == int(n), sql, got)

    def ask(self, rows, sql, connection=None):
        cursor = (connection or self.first).cursor()
        cursor.execute(sql)
        got = [[None if v is None else str(v) for v in row] for row in cursor.fetchall()]
        self.check(got == rows, sql, got, rows)

    def other(self, rows, sql):
        self.ask(rows, sql, self.second)

    def fail(self, rows, code, text, sql, connection=None):
        error = refused((connection or self.first).cursor().execute, sql)
        self.check(re.search(rf"\[SQLCODE: <-{code}>:<", error) and text in error, sql, error)

    def others(self, rows, code, text, sql):
        if code == "0":
            self.second.cursor().execute(sql)
        else:
            self.fail(rows, code, text, sql, self.second)

    def autocommit(self, rows, mode):
        self.first.setAutoCommit(mode == "on")

    def commit(self, rows, _):
        self.first.commit()

    def rollback(self, rows, _):
        self.first.rollback()

    def leave(self, rows, _):
        self.first.close()
        self.first = self.server.connect()


def api(server, schema):
    """What only this interface has."""
    c = server.connect()
    cursor = c.cursor()
    cursor.execute(f"CREATE TABLE {schema}.Things (Id INTEGER IDENTITY, Name VARCHAR(20) NOT NULL, Price NUMERIC(9,2), Made DATE, CONSTRAINT NameOnce UNIQUE (Name))")
    cursor.execute(f"INSERT INTO {schema}.Things (Name, Price) VALUES (?, ?)", ["one", 1])
    assert cursor.lastrowid in (1, "1"), cursor.lastrowid

    # A batch of many sets.
    rows = [[f"n{i}é", i / 4] for i in range(2500)]
    got = cursor.executemany(f"INSERT INTO {schema}.Things (Name, Price) VALUES (?, ?)", rows)
    assert tuple(got) == (1,) * 2500 and cursor.rowcount == 2500, (got, cursor.rowcount)
    cursor.execute(f"SELECT Name, Price FROM {schema}.Things WHERE Id > 1 ORDER BY Id")
    assert [[name, float(price)] for name, price in cursor.fetchall()] == rows
    assert cursor.fetchone() is None

    # Fetching in parts, and leaving a result in the middle.
    cursor.execute(f"SELECT Id FROM {schema}.Things ORDER BY Id")
    assert cursor.fetchone()[0] == 1
    assert [r[0] for r in cursor.fetchmany(700)] == list(range(2, 702))
    cursor.execute(f"SELECT COUNT(*) FROM {schema}.Things")
    assert cursor.fetchone()[0] == 2501

    # Two results that are read in turn.
    other = c.cursor()
    cursor.execute(f"SELECT Id FROM {schema}.Things ORDER BY Id")
    other.execute(f"SELECT Id FROM {schema}.Things ORDER BY Id DESC")
    assert all(a[0] + b[0] == 2502 for a, b in zip(cursor, other, strict=True))

    # A set that fails.
    text = refused(cursor.executemany, f"INSERT INTO {schema}.Things (Name, Price) VALUES (?, ?)", [["x", 1], ["one", 1], ["y", 1]])
    assert "[SQLCODE: <-119>:<" in text, text

    # The description of a result.
    cursor.execute(f"SELECT Id, Name, Price, Made, Price * 2 AS Twice FROM {schema}.Things")
    got = [(d[0], d[4], d[5], d[6]) for d in cursor.description]
    assert got[:3] == [("Id", 10, 0, 0), ("Name", 20, 0, 0), ("Price", 9, 2, 1)] and got[4][0] == "Twice", got
    assert cursor.description[0][1] in (4, -12), cursor.description  # 5.4.1 has a type of its own for row ids
    assert [d[1] for d in cursor.description[1:3]] == [12, 2], cursor.description
    assert cursor.description[3][1] in (9, 91, 1091), cursor.description

    # The number of parameters.
    refused(cursor.execute, f"SELECT Id FROM {schema}.Things WHERE Id = ?", [1, 2])
    refused(cursor.execute, f"SELECT Id FROM {schema}.Things WHERE Id = ?", [])

    # Another namespace, which has other tables.
    cursor.execute(f"CREATE DATABASE NS{schema}")
    cursor.execute(f"USE DATABASE NS{schema}")
    assert "-30" in refused(cursor.execute, f"SELECT Name FROM {schema}.Things WHERE Id = 1")
    cursor.execute(f"USE DATABASE \"{server.namespace}\"")
    cursor.execute(f"DROP DATABASE NS{schema}")

    # What a program writes that has no type in mind: numbers as text, text as numbers.
    cursor.execute(f"INSERT INTO {schema}.Things (Name, Price) VALUES (?, ?)", [12, "12.50"])
    cursor.execute(f"SELECT Name, Price FROM {schema}.Things WHERE Name = ?", ["12"])
    name, price = cursor.fetchone()
    assert (name, float(price)) == ("12", 12.5), (name, price)
    c.close()


COMMANDS = {f.__name__: f for f in (login, refuse, full, tls, write, read, scenario, api)}

if __name__ == "__main__":
    COMMANDS[sys.argv[2]](Server(sys.argv[1]), *sys.argv[3:])
