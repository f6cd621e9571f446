"""What a fixture says of itself: its manifest.json."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Union

if TYPE_CHECKING:
    from .results import ValidationResult

_REQUIRED = ("fixture_id", "version", "schema_version", "created_at", "tables")


@dataclass
class TableInfo:
    """A table of a fixture: its name as its source spells it, such as ``RAG.Entities``, and how many rows it has.

    ``file`` and ``checksum`` are those of its data, None in a database fixture, which has one file for all tables.
    """

    name: str
    row_count: int
    file: Optional[str] = None
    checksum: Optional[str] = None
    extra: Dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.row_count < 0:
            raise ValueError(f"row_count must be non-negative, got {self.row_count}")

    def __str__(self) -> str:
        return f"{self.name} ({self.row_count} rows)"


@dataclass
class FixtureManifest:
    """The manifest of a fixture.

    A table fixture has ``file`` and ``checksum`` in each table; a database fixture, as iris-devtester 1.x writes it, has
    ``dat_file`` and ``checksum`` here. ``extra`` holds keys that this version does not know; they are kept.
    """

    fixture_id: str
    version: str
    schema_version: str
    description: str = ""
    created_at: str = ""
    iris_version: str = "unknown"
    namespace: str = ""
    dat_file: str = ""
    checksum: str = ""
    tables: List[TableInfo] = field(default_factory=list)
    features: Optional[Dict[str, Any]] = None
    known_queries: Optional[List[Dict[str, Any]]] = None
    extra: Dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> Dict[str, Any]:
        """The manifest as JSON has it: keys in the order of the format, without those that are empty."""
        out = {name: getattr(self, name) for name in _KEYS}
        out = {k: v for k, v in out.items() if k in _ALWAYS or v not in ("", None)}
        out["tables"] = [_table(t) for t in self.tables]
        return {**out, **self.extra}

    def to_json(self, indent: int = 2) -> str:
        """The manifest as text."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "FixtureManifest":
        """Takes JSON that is read already. Raises ValueError if it is no manifest."""
        if not isinstance(data, Mapping):
            raise ValueError("Invalid manifest: not an object")
        missing = [name for name in _REQUIRED if data.get(name) is None]
        if missing:
            raise ValueError(f"Missing required field: {', '.join(missing)}")
        try:
            tables = [_split(TableInfo, ("name", "row_count", "file", "checksum"), t) for t in data["tables"]]
            made = _split(cls, _KEYS, {**data, "tables": tables})
        except (TypeError, AttributeError) as e:
            raise ValueError(f"Invalid manifest: {e}") from e
        assert isinstance(made, cls)
        return made

    @classmethod
    def from_json(cls, json_str: str) -> "FixtureManifest":
        """Raises ValueError if the text is no manifest."""
        try:
            data = json.loads(json_str)
        except json.JSONDecodeError as e:
            raise ValueError(f"Invalid JSON: {e}") from e
        return cls.from_dict(data)

    @classmethod
    def from_file(cls, manifest_path: Union[str, Path]) -> "FixtureManifest":
        """Raises FileNotFoundError if there is no such file, ValueError if it is no manifest."""
        path = Path(manifest_path)
        if not path.exists():
            raise FileNotFoundError(f"Manifest not found: {manifest_path}")
        return cls.from_json(path.read_text(encoding="utf-8"))

    def to_file(self, manifest_path: Union[str, Path]) -> None:
        """Writes the manifest; folders on the way are made."""
        path = Path(manifest_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((self.to_json() + "\n").encode())

    def validate(self) -> "ValidationResult":
        """Looks at the manifest alone, not at files. FixtureValidator.validate_fixture looks at everything."""
        from .results import check

        return check(self)


_KEYS = ("fixture_id", "version", "schema_version", "description", "created_at", "iris_version", "namespace", "tables", "dat_file",
         "checksum", "features", "known_queries")
_ALWAYS = ("fixture_id", "version", "schema_version", "description", "created_at", "iris_version", "tables")


def _split(kind: Any, known: Any, data: Mapping[str, Any]) -> Any:
    """Makes an object of the keys that are known, and keeps the others. null is as good as absent."""
    given = {k: v for k, v in data.items() if k in known and v is not None}
    return kind(**given, extra={k: v for k, v in data.items() if k not in known})


def _table(t: TableInfo) -> Dict[str, Any]:
    out: Dict[str, Any] = {"name": t.name, "row_count": t.row_count}
    out.update({k: v for k, v in (("file", t.file), ("checksum", t.checksum)) if v})
    return {**out, **t.extra}
