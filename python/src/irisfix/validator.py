"""Checks fixtures, for programs."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import Any, Dict, Union

from . import command
from .errors import ChecksumMismatch, ChecksumMismatchError, FixtureInvalid, Internal, NotFound, one_line
from .files import sha256
from .manifest import FixtureManifest
from .results import ValidationResult

_ABSENT = "the manifest lists the file, and it is not there"


class FixtureValidator:
    """Checks fixtures. It keeps nothing between calls.

    ``chunk_size`` is how many bytes are read at once where Python itself reads a file; the command chooses for itself.
    """

    def calculate_sha256(self, file_path: Union[str, Path], chunk_size: int = 65536) -> str:
        """The checksum of a file in the form ``sha256:…``. Raises FileNotFoundError."""
        __tracebackhide__ = True
        return sha256(file_path, chunk_size)

    def validate_checksum(self, file_path: Union[str, Path], expected_checksum: str, chunk_size: int = 65536) -> bool:
        """Returns True, or raises ChecksumMismatch; ValueError if what is expected is no checksum."""
        __tracebackhide__ = True
        if not expected_checksum.startswith("sha256:"):
            raise ValueError(f"Invalid checksum format: {expected_checksum}. Must start with 'sha256:'")
        actual = sha256(file_path, chunk_size)
        if actual != expected_checksum:
            raise ChecksumMismatch(str(file_path), [f"expected {expected_checksum}", f"found    {actual}"],
                                   [("If it was edited on purpose, write its checksum into the manifest",
                                     f"irisfix validate {shlex.quote(str(Path(file_path).parent))} --recalc"),
                                    "If not, take it from git or from the registry again"],
                                   {"path": str(file_path), "expected": expected_checksum, "actual": actual})
        return True

    def validate_manifest(self, manifest: FixtureManifest) -> ValidationResult:
        """Checks a manifest without looking at files."""
        return manifest.validate()

    def validate_fixture(self, fixture_path: Union[str, Path], validate_checksum: bool = True, chunk_size: int = 65536) -> ValidationResult:
        """Checks everything: manifest, files, checksums, values, the order of rows. Without ``validate_checksum`` what reads
        files in full is left out.

        Raises FileNotFoundError if there is no such directory, and ChecksumMismatch if bytes do not match; all else that is
        wrong is in the result.
        """
        __tracebackhide__ = True
        folder = Path(fixture_path)
        if not folder.exists():
            raise FileNotFoundError(f"Fixture directory not found: {fixture_path}")
        done = command.finish(["validate", str(folder.absolute()), *([] if validate_checksum else ["--no-checksums"])])
        told = command.parse(done)
        if told is None:
            failed = command.failure(done)
            if isinstance(failed, (NotFound, FixtureInvalid)):  # no manifest, or one of a later format
                return ValidationResult(False, failed.what)
            raise failed
        if done.returncode != 0:
            error = command.failure(done)
            if isinstance(error, Internal) or isinstance(error, ChecksumMismatchError) and _differs(told):
                raise error
        return ValidationResult(told["valid"], [_line(e) for e in told["errors"]], [_line(w) for w in told["warnings"]], _manifest(folder))

    def recalculate_checksums(self, fixture_path: Union[str, Path], create_backup: bool = True, chunk_size: int = 65536) -> FixtureManifest:
        """Writes checksums and row counts of the present files into the manifest, whose old text stays in
        ``manifest.json.backup``. Raises FileNotFoundError if there is no fixture."""
        __tracebackhide__ = True
        manifest = _existing(fixture_path)
        if create_backup:
            shutil.copyfile(manifest, manifest.with_name("manifest.json.backup"))
        command.run(["validate", str(manifest.parent.absolute()), "--recalc"])
        return FixtureManifest.from_file(manifest)

    def get_fixture_size(self, fixture_path: Union[str, Path]) -> Dict[str, Any]:
        """Bytes on disk: ``total_bytes``, ``manifest_bytes``, ``dat_bytes`` (of all files of data), and ``total_mb``,
        ``manifest_kb``, ``dat_mb``. Raises FileNotFoundError if there is no fixture."""
        __tracebackhide__ = True
        path = _existing(fixture_path)
        manifest = FixtureManifest.from_file(path)
        files = [manifest.dat_file, *(t.file for t in manifest.tables)]
        data = sum((path.parent / f).stat().st_size for f in files if f and (path.parent / f).exists())
        own = path.stat().st_size
        return {"total_bytes": own + data, "manifest_bytes": own, "dat_bytes": data, "total_mb": (own + data) / (1024 * 1024),
                "manifest_kb": own / 1024, "dat_mb": data / (1024 * 1024)}


def _existing(fixture_path: Union[str, Path]) -> Path:
    __tracebackhide__ = True
    if not Path(fixture_path).exists():
        raise FileNotFoundError(f"Fixture directory not found: {fixture_path}")
    path = Path(fixture_path) / "manifest.json"
    if not path.exists():
        raise FileNotFoundError(f"Manifest not found: {path}")
    return path


def _differs(told: Dict[str, Any]) -> bool:
    """Whether a file has other bytes; one that is absent is no such file."""
    return any(e["class"] == ChecksumMismatch.class_name and e["message"] != _ABSENT for e in told["errors"])


def _line(told: Dict[str, str]) -> str:
    return one_line(f"{told['subject']}: {told['message']}" if told["subject"] else told["message"])


def _manifest(folder: Path) -> "FixtureManifest | None":
    try:
        return FixtureManifest.from_file(folder / "manifest.json")
    except (OSError, ValueError):
        return None
