"""Loads fixtures into a database and takes them out again, for programs."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Dict, List, Optional, Union

from . import command, target
from .driver import connect
from .errors import FixtureInvalid, IrisfixError, TargetConflict, Usage
from .manifest import FixtureManifest, TableInfo
from .results import LoadResult

_NO_PRIVILEGE = -99  # the SQLCODE for an account that may not make namespaces
_NO_CHECKSUM = "sha256:" + 64 * "0"


class FixtureLoader:
    """Loads fixtures into one database.

    ``connection_config`` is a TARGET such as ``sqlite:app.db`` or ``iris://user:password@host:1972/USER``, or anything with
    host, port, namespace, username and password, or None for what the environment names. ``container`` may be anything whose
    ``get_config()`` gives such an object; no container is started.
    """

    def __init__(self, connection_config: Any = None, container: Any = None) -> None:
        if connection_config is not None and not isinstance(connection_config, str) and hasattr(connection_config, "get_config"):
            connection_config, container = None, connection_config  # the container was the first argument in iris-devtester
        self.connection_config = connection_config
        self.container = container
        self._loaded: Dict[str, List[LoadResult]] = {}  # by namespace

    def validate_fixture(self, fixture_path: Union[str, Path], validate_checksum: bool = True) -> FixtureManifest:
        """Checks a fixture and returns its manifest. Raises FixtureValidationError if anything is wrong."""
        __tracebackhide__ = True
        from .validator import FixtureValidator

        result = FixtureValidator().validate_fixture(fixture_path, validate_checksum)
        result.raise_if_invalid()
        assert result.manifest
        return result.manifest

    def load_fixture(
        self,
        fixture_path: Union[str, Path],
        target_namespace: Optional[str] = None,
        validate_checksum: bool = True,
        force_refresh: bool = False,
    ) -> LoadResult:
        """Loads all tables of a fixture, or none: a directory, a name in irisfix.lock or a reference.

        With InterSystems IRIS it goes into ``target_namespace``, else into the manifest's, else into the one of the
        connection; one that does not exist is made. Loading a fixture again puts all its rows back as they were, with or
        without ``force_refresh``. Every load verifies every checksum: ``validate_checksum`` must be true.
        """
        __tracebackhide__ = True
        if not validate_checksum:
            raise Usage("load_fixture", ["validate_checksum=False: irisfix loads nothing that it has not verified"],
                        ["Leave the argument out", ("If the files were edited on purpose, write their checksums into the manifest",
                                                    f"irisfix validate {shlex.quote(str(fixture_path))} --recalc")])
        is_iris, name = self._given().is_iris, _argument(fixture_path)
        _refuse_globals(Path(name))
        manifest = FixtureManifest.from_dict(command.run(["info", name])["manifest"])
        namespace = target_namespace or (manifest.namespace if is_iris else "")
        told, made = self._load(name, namespace)
        result = LoadResult(
            success=True, manifest=manifest, namespace=told["namespace"], tables_loaded=[t["name"] for t in told["tables_loaded"]],
            elapsed_seconds=told["elapsed_seconds"], target=told["target"], digest=told["digest"], rows=told["rows"], namespace_created=made)
        known = [r for r in self._loaded.get(result.namespace, []) if r.manifest != manifest]
        self._loaded[result.namespace] = [*known, result]
        return result

    def _load(self, name: str, namespace: str) -> "tuple[Dict[str, Any], bool]":
        """Loads, and says whether the namespace is one that irisfix made. Another one is used as it is."""
        __tracebackhide__ = True
        line, env = ["load", name], self._given().environment
        if not namespace:
            return command.run(line, env), False
        line += ["--namespace", namespace]
        try:
            return command.run([*line, "--create-namespace"], env), True
        except IrisfixError as e:
            foreign = isinstance(e, TargetConflict) and set(e.detail) == {"namespace"}
            if not foreign and e.detail.get("sqlcode") != _NO_PRIVILEGE:
                raise
        return command.run(line, env), False

    def cleanup_fixture(
        self,
        namespace: Union[FixtureManifest, str, None] = None,
        delete_namespace: Optional[bool] = None,
        manifest: Optional[FixtureManifest] = None,
    ) -> None:
        """Takes a fixture out of the database, given its manifest, or all that this loader has loaded into a namespace.

        ``delete_namespace`` drops the namespace, which must be one that irisfix made; None drops it if it is.
        """
        __tracebackhide__ = True
        what = manifest or namespace
        if not what:
            raise ValueError("Namespace is required")
        if isinstance(what, FixtureManifest):
            where = [name for name, results in self._loaded.items() if what in [r.manifest for r in results]]
            for name in where or [""]:
                self._unload([what], name, delete_namespace)
        else:
            self._unload([r.manifest for r in self._loaded.get(what, [])], what, delete_namespace)

    def _unload(self, manifests: List[FixtureManifest], namespace: str, drop: Optional[bool]) -> None:
        """Unloads by the manifests alone: the record in the database knows the rest."""
        __tracebackhide__ = True
        loaded = self._loaded.get(namespace, [])
        if drop is None:  # of a namespace that somebody else has loaded into, nothing but its name is known
            drop = any(r.namespace_created for r in loaded) or not manifests
        line = ["--namespace", namespace] if namespace else []
        line += ["--drop-namespace"] if drop else []
        for manifest in (manifests[:1] if drop else manifests) or [_nothing()]:  # a namespace goes with all that is in it
            with TemporaryDirectory() as folder:
                manifest.to_file(Path(folder) / "manifest.json")
                try:
                    command.run(["unload", folder, *line], self._given().environment)
                except IrisfixError as e:
                    e.steps = [(do, run.replace(shlex.quote(folder), "FIXTURE")) for do, run in e.steps]
                    raise
        self._loaded[namespace] = [] if drop else [r for r in loaded if r.manifest not in manifests]

    def get_connection(self) -> Any:
        """Opens the database, with sqlite3 or the driver of InterSystems IRIS. The caller closes the connection."""
        __tracebackhide__ = True
        return connect(self._given())

    def _given(self) -> target.Given:
        __tracebackhide__ = True
        return target.given(self.connection_config, self.container)


DATFixtureLoader = FixtureLoader


def _argument(path: Union[str, Path]) -> str:
    """A directory is named so that it cannot be taken for a name in the lock file, and nothing so that it could be a flag."""
    name = os.fspath(path)
    return os.path.abspath(name) if os.path.isdir(name) else os.path.join(".", name) if name.startswith("-") else name


def _refuse_globals(folder: Path) -> None:
    """iris-devtester 1.x writes exports of globals and classes beside an IRIS.DAT that holds a mark and no database."""
    __tracebackhide__ = True
    data = folder / "IRIS.DAT"
    if (folder / "globals.gof").exists() or data.exists() and data.stat().st_size < 1024 and data.read_bytes() == b"GOF_FIXTURE":
        raise FixtureInvalid(str(folder), ["it is an export of globals and classes, and not of tables: irisfix does not load those"],
                             ["Load it once with iris-devtester, and take its tables: FixtureCreator(config).create_fixture(…), or "
                              "irisfix create --name NAME --output DIR --all-tables --from iris://USER@HOST:1972/NAMESPACE"])


def _nothing() -> FixtureManifest:
    """The manifest of a fixture that no database holds: with it a namespace is dropped about which nothing is known."""
    table = TableInfo("none", 0, "none.dat", _NO_CHECKSUM)
    return FixtureManifest("none", "1.0.0", "1.0", created_at="1970-01-01T00:00:00Z", tables=[table])
