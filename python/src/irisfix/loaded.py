"""A fixture in a database, as a test sees it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Callable, Dict, List, Mapping, Optional, Type

from .driver import open_iris, open_sqlite
from .manifest import FixtureManifest
from .target import Given, Server


class Fixture:
    """One fixture of a database: ``name`` in the lock file, else its own; ``fixture_id``, ``version``, ``digest``,
    ``reference`` (empty if it is no bundle of a registry), ``manifest``, and ``path``, a directory with its files."""

    def __init__(self, argument: str, told: Mapping[str, Any], root: Path, place: Callable[[str, str], Path]) -> None:
        self._argument = argument
        self.name: str = told["name"]
        self.fixture_id: str = told["fixture_id"]
        self.version: str = told["version"]
        self.digest: str = told["digest"]
        self.reference: str = told["reference"]
        self.manifest = FixtureManifest.from_dict(told["manifest"])
        self._path = root / told["dir"] if told["dir"] else None
        self._place = place

    @property
    def path(self) -> Path:
        """The directory of the fixture. That of a bundle is put there when it is first asked for."""
        if self._path is None:
            self._path = self._place(self._argument, self.digest)
        return self._path

    def __repr__(self) -> str:
        return f"<fixture {self.name} {self.version} {self.digest}>"


class LoadedFixture:
    """A database of its own with fixtures in it, and the one that the closest mark names: ``path`` and ``manifest`` are its.

    - ``target``: the database as irisfix names it, without a password
    - ``database``: the file of a SQLite database, None with InterSystems IRIS
    - ``namespace``: of InterSystems IRIS, empty with SQLite
    - ``schemas``: where the account may not make namespaces, which schema stands for each of the fixtures' (see ``table``)
    - ``fixtures``: all fixtures of the database, in the order in which they were loaded
    """

    def __init__(self, told: Mapping[str, Any], fixtures: List[Fixture], closest: int, given: Given) -> None:
        self._told = told
        self._given = given  # with what the process does not tell: the password
        self._connections = ExitStack()
        self.name: str = told["name"]
        self.target: str = told["target"]
        self.database: Optional[Path] = Path(told["path"]) if self.target.startswith("sqlite:") else None
        self.namespace: str = told["namespace"]
        self.schemas: Dict[str, str] = dict(told["schemas"])
        self.fixtures = fixtures
        self._closest = fixtures[closest]

    @property
    def path(self) -> Path:
        """The directory of the fixture. That of a bundle is put there when it is first asked for."""
        return self._closest.path

    @property
    def manifest(self) -> FixtureManifest:
        """What the fixture says of itself."""
        return self._closest.manifest

    @property
    def digest(self) -> str:
        """The digest of the fixture."""
        return self._closest.digest

    def table(self, name: str) -> str:
        """The name of a fixture's table in this database, ready for SQL: where schemas stand in, another than its own."""
        if self.database:
            return _quoted(name)  # a dot is a part of the name
        schema, _, table = name.rpartition(".")
        return ".".join(_quoted(part) for part in (self.schemas.get(schema, schema), table) if part)

    def connect(self, **options: Any) -> Any:
        """Opens a connection: sqlite3's, with foreign keys enforced, or that of the driver for InterSystems IRIS. It is
        closed after the test. Options go to the driver."""
        __tracebackhide__ = True
        if self.database:
            connection: Any = open_sqlite(self.database, **options)
        else:
            connection = open_iris(self._server(), self._given, **options)
        self._connections.callback(connection.close)
        return connection

    def _server(self) -> Server:
        t = self._told
        return Server(t["host"], t["port"], t["namespace"], t["user"], t["tls"], t.get("ca") or "")

    def close(self) -> None:
        """Closes the connections. The database stays as long as its scope says."""
        self._connections.close()

    def __enter__(self) -> "LoadedFixture":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{', '.join(f.name for f in self.fixtures)} in {self.target}>"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
