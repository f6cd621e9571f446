"""What checking and loading a fixture give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Optional

from .errors import FixtureValidationError
from .manifest import FixtureManifest


@dataclass
class ValidationResult:
    """What is wrong with a fixture, and what should be known of it."""

    valid: bool
    errors: List[str] = field(default_factory=list)
    warnings: List[str] = field(default_factory=list)
    manifest: Optional[FixtureManifest] = None

    def raise_if_invalid(self) -> None:
        """Raises FixtureValidationError with all errors."""
        __tracebackhide__ = True
        if not self.valid:
            raise FixtureValidationError("\n".join(["Fixture validation failed:", *(f"  - {e}" for e in self.errors)]))

    def __str__(self) -> str:
        lines = ["Validation passed"] if self.valid else [f"Validation failed ({len(self.errors)} errors)"]
        lines += [f"  - {e}" for e in self.errors]
        if self.warnings:
            lines += [f"Warnings ({len(self.warnings)}):", *(f"  - {w}" for w in self.warnings)]
        return "\n".join(lines)


@dataclass
class LoadResult:
    """What a load has done. ``namespace`` is where; ``elapsed_seconds`` how long it took.

    ``target`` names the database without its password, ``digest`` is that of the fixture, ``rows`` those of all tables.
    ``namespace_created`` says whether the load made the namespace.
    """

    success: bool
    manifest: FixtureManifest
    namespace: str
    tables_loaded: List[str]
    elapsed_seconds: float
    target: str = ""
    digest: str = ""
    rows: int = 0
    namespace_created: bool = False

    def __str__(self) -> str:
        if not self.success:
            return f"Fixture load failed: {self.manifest.fixture_id}"
        return (f"Fixture loaded: {self.manifest.fixture_id}\nNamespace: {self.namespace}\n"
                f"Tables: {len(self.tables_loaded)}\nTime: {self.elapsed_seconds:.2f}s")

    def summary(self) -> str:
        """The same with the tables and their rows."""
        if not self.success or not self.tables_loaded:
            return str(self)
        known = {t.name: str(t) for t in self.manifest.tables}
        return "\n".join([str(self), "", "Tables loaded:", *(f"  - {known.get(name, name)}" for name in self.tables_loaded)])


def check(m: FixtureManifest) -> ValidationResult:
    """What can be said of a manifest without looking at files."""
    errors = [f"{name} is empty" for name in ("fixture_id", "version") if not getattr(m, name)]
    warnings = []
    if m.schema_version != "1.0":
        warnings.append(f"schema_version '{m.schema_version}' may not be supported")
    if not m.tables:
        errors.append("tables list is empty")
    if len({t.name for t in m.tables}) != len(m.tables):
        errors.append("Duplicate table names found")
    listed = [t for t in m.tables if t.file or t.checksum]
    if m.dat_file or m.checksum:
        errors += _data("", m.dat_file, m.checksum)
        if listed:
            errors.append("it has dat_file or checksum, and tables with files of their own: only one of the two is possible")
    else:
        for t in m.tables:
            errors += _data(f"table {t.name}: ", t.file or "", t.checksum or "")
    return ValidationResult(not errors, errors, warnings, m)


def _data(where: str, file: str, checksum: str) -> List[str]:
    errors = [] if file else [f"{where}{'file' if where else 'dat_file'} is empty"]
    if not checksum:
        return [*errors, f"{where}checksum is empty"]
    return errors if checksum.startswith("sha256:") else [*errors, f"{where}checksum must start with 'sha256:'"]
