"""iris-devtester's own connection code as a judge: a program, run by the Python that has it. devtester.py URL"""

import sys
import urllib.parse

from iris_devtester.config import IRISConfig
from iris_devtester.connections import IRISConnection, get_connection
from iris_devtester.connections.connection import is_dbapi_available
from iris_devtester.testing.schema_reset import SchemaResetter


def config(url, **changes):
    u = urllib.parse.urlsplit(url)
    return IRISConfig(**({"host": u.hostname, "port": u.port, "namespace": u.path[1:], "username": u.username, "password": u.password} | changes))


def main(url):
    assert is_dbapi_available()
    with IRISConnection(config(url), auto_retry=False) as c:
        cursor = c.cursor()
        cursor.execute("SELECT 1")
        assert cursor.fetchone()[0] == 1
        cursor.execute("CREATE TABLE Devtester.Parents (Id INTEGER PRIMARY KEY, test_id VARCHAR(20))")
        cursor.execute("CREATE TABLE Devtester.Children (Id INTEGER PRIMARY KEY, Parent INTEGER REFERENCES Devtester.Parents (Id))")
        cursor.executemany("INSERT INTO Devtester.Parents (Id, test_id) VALUES (?, ?)", [[n, f"t{n}"] for n in range(10)])
        cursor.execute("INSERT INTO Devtester.Children (Id, Parent) VALUES (?, ?)", [1, 1])
        missing(cursor)
        clean(c, cursor)
    refused(url)


def missing(cursor):
    """What it makes of a table that is not there: it asks the catalogue for what is."""
    try:
        cursor.execute("SELECT * FROM Devtester.Absent")
    except Exception as error:
        assert "-30" in str(error), error
    else:
        raise AssertionError("must fail")


def clean(c, cursor):
    resetter = SchemaResetter(c)
    got = resetter.truncate_schema("Devtester", order=["Children"], strict=True)
    assert (got["total"], got["success"], got["failed"]) == (2, 2, 0), got
    for table in ("Parents", "Children"):
        cursor.execute(f"SELECT COUNT(*) FROM Devtester.{table}")
        assert cursor.fetchone()[0] == 0, table


def refused(url):
    try:
        get_connection(config(url, password="wrong"), auto_retry=False)
    except ConnectionError as error:
        assert "Access Denied" in str(error), error
    else:
        raise AssertionError("must fail")


if __name__ == "__main__":
    main(sys.argv[1])
