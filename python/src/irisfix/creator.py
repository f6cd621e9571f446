"""Makes fixtures out of a database, for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Union

from . import command, target
from .driver import connect
from .errors import FixtureCreateError
from .files import rewrite, sha256
from .manifest import FixtureManifest, TableInfo

_TABLES = """SELECT TABLE_SCHEMA, TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_TYPE = 'BASE TABLE'
AND TABLE_SCHEMA NOT IN ('INFORMATION_SCHEMA', '%SYS', '%Library', 'IrisFix')"""


class FixtureCreator:
    """Makes fixtures out of one database. ``connection_config`` and ``container`` are as for FixtureLoader."""

    def __init__(self, connection_config: Any = None, container: Any = None) -> None:
        self.connection_config = connection_config
        self.container = container
        self._connection: Any = None

    def create_fixture(
        self,
        fixture_id: str,
        namespace: str,
        output_dir: Union[str, Path],
        description: str = "",
        version: str = "1.0.0",
        features: Optional[Dict[str, Any]] = None,
    ) -> FixtureManifest:
        """Takes all tables of a namespace, each in a file, and returns the manifest. With SQLite, which has no namespaces,
        ``namespace`` is to be empty.

        Raises FileExistsError if the directory is there already, and TypeError or ValueError if JSON cannot hold the features.
        """
        __tracebackhide__ = True
        json.dumps(features, allow_nan=False)  # before anything is made
        output = Path(output_dir)
        if output.exists():
            raise FileExistsError(f"Fixture directory already exists: {output_dir}")
        line = ["create", "--name", fixture_id, "--output", str(output.absolute()), "--all-tables", "--version", version]
        line += ["--description", description] if description else []
        line += ["--namespace", namespace] if namespace else []
        command.run(line, self._given().environment)
        if features:
            rewrite(output / "manifest.json", features=features)
        return FixtureManifest.from_file(output / "manifest.json")

    def calculate_checksum(self, dat_file_path: Union[str, Path]) -> str:
        """The SHA-256 of a file, as manifests write it."""
        __tracebackhide__ = True
        return sha256(dat_file_path)

    def get_namespace_tables(self, connection: Any = None, namespace: str = "") -> List[TableInfo]:
        """The tables that an InterSystems IRIS connection sees, with their rows. The namespace is that of the connection."""
        __tracebackhide__ = True
        cursor = (connection or self.get_connection()).cursor()
        cursor.execute(_TABLES)
        tables = []
        for schema, table in cursor.fetchall():
            cursor.execute(f'SELECT COUNT(*) FROM "{schema}"."{table}"')
            tables.append(TableInfo(f"{schema}.{table}", int(cursor.fetchone()[0])))
        cursor.close()
        return tables

    def export_namespace_to_dat(self, namespace: str, dat_file_path: str) -> str:
        """Exports of globals and classes are not made here. Raises FixtureCreateError with what to do instead."""
        __tracebackhide__ = True
        raise FixtureCreateError(
            "irisfix exports no globals and classes: it takes tables, with create_fixture, or a whole database file, with\n"
            f"  irisfix create --name NAME --output DIR --database {dat_file_path}")

    def get_connection(self) -> Any:
        """The connection of this object, opened when it is first asked for."""
        __tracebackhide__ = True
        if self._connection is None:
            self._connection = connect(self._given())
        return self._connection

    def _given(self) -> target.Given:
        __tracebackhide__ = True
        return target.given(self.connection_config, self.container)
