"""SQLite's own shell looks at what was loaded: sound, and equal to the source in schema and content."""

import random
import signal
import subprocess
import time

import pytest

from conftest import IRISFIX, need, run


def shell(database, *statements):
    """What the sqlite3 shell prints. In quote mode a text, a number, a blob and NULL look different."""
    return run("sqlite3", "-batch", "-bail", "-cmd", ".mode quote", database, input=";\n".join(statements) + ";\n")


def tables(database):
    rows = run("sqlite3", "-batch", database, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'IrisFix.%' ORDER BY name")
    return rows.splitlines()


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def content(database, table):
    columns = shell(database, f"SELECT count(*) FROM pragma_table_info('{table}')")
    order = ", ".join(str(i + 1) for i in range(int(columns)))
    return shell(database, f"SELECT * FROM {quoted(table)} ORDER BY {order}")


def schema(database, table):
    """Columns, foreign keys and indexes. A sole INTEGER key is never NULL, whether that was declared or not."""
    return shell(database,
                 f"SELECT name, type, \"notnull\" OR (type = 'INTEGER' AND pk AND max(pk) OVER () = 1), dflt_value, pk FROM pragma_table_info('{table}') ORDER BY cid",
                 f"SELECT \"table\", \"from\", \"to\", seq, on_update, on_delete FROM pragma_foreign_key_list('{table}') ORDER BY 1, 2",
                 f"SELECT x.\"unique\", x.origin, iif(x.origin = 'c', x.name, ''), group_concat(i.name) FROM pragma_index_list('{table}') x, "
                 "pragma_index_info(x.name) i GROUP BY x.name ORDER BY 1, 2, 3, 4")


def sound(database):
    assert shell(database, "PRAGMA integrity_check", "PRAGMA foreign_key_check") == "'ok'\n"


@pytest.mark.parametrize("source", ["shop", "types"])
def test_what_is_loaded_equals_the_source(source, databases, irisfix, tmp_path):
    irisfix("create", "--name", source, "--output", tmp_path / "fixture", "--from", f"sqlite:{databases[source]}")
    for _ in range(2):  # into nothing, and over what is there
        irisfix("load", tmp_path / "fixture", "--to", f"sqlite:{tmp_path}/to.db")
        sound(tmp_path / "to.db")
        assert tables(tmp_path / "to.db") == tables(databases[source])
        for table in tables(databases[source]):
            assert schema(tmp_path / "to.db", table) == schema(databases[source], table)
            assert content(tmp_path / "to.db", table) == content(databases[source], table)
    irisfix("unload", tmp_path / "fixture", "--to", f"sqlite:{tmp_path}/to.db")
    assert tables(tmp_path / "to.db") == []


ROWS = 300_000


@pytest.fixture
def versions(irisfix, tmp_path):
    """Two versions of a fixture, a small one and one that takes a while to load."""
    need("sqlite3")
    for version, rows in (("1.0.0", 100), ("2.0.0", ROWS)):
        database = tmp_path / f"{version}.db"
        run("sqlite3", database, input=f"""CREATE TABLE event (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, amount DECIMAL(10,2));
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
            INSERT INTO event SELECT i, 'event number ' || i, i * 7919 % 1000000 / 100.0 FROM n;""")
        irisfix("create", "--name", "events", "--version", version, "--output", tmp_path / version, "--from", f"sqlite:{database}")
    return tmp_path / "1.0.0", tmp_path / "2.0.0"


def test_killed_at_any_instant_a_load_has_happened_or_not(versions, irisfix, tmp_path, say):
    seed = random.randrange(1 << 32)
    say(f"seed {seed}")
    instants = random.Random(seed)
    small, large = versions
    to = tmp_path / "to.db"
    began = time.monotonic()
    irisfix("load", large, "--to", f"sqlite:{to}")
    whole = time.monotonic() - began
    after = {small: 100, large: ROWS}
    killed = {rows: 0 for rows in after.values()}
    for _ in range(12):
        irisfix("load", small, "--to", f"sqlite:{to}")
        loading = subprocess.Popen([IRISFIX, "load", large, "--to", f"sqlite:{to}", "-q"], env=irisfix.env, stdout=subprocess.DEVNULL)
        time.sleep(instants.uniform(0, whole * 1.2))
        loading.kill()
        if loading.wait() == -signal.SIGKILL:
            rows = int(shell(to, "SELECT count(*) FROM event"))
            killed[rows] += 1
            sound(to)
            record = shell(to, 'SELECT row_count, version FROM "IrisFix.Loads"')
            assert record == {100: "100,'1.0.0'\n", ROWS: f"{ROWS},'2.0.0'\n"}[rows]
    say(f"killed with the old rows there {killed[100]} times, with the new ones {killed[ROWS]} times;")
    assert sum(killed.values()) > 0
    assert irisfix("load", large, "--to", f"sqlite:{to}")["rows"] == ROWS
    assert content(to, "event") == content(tmp_path / "2.0.0.db", "event")
