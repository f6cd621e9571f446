"""Database test fixtures from any OCI registry: a plugin for pytest, and the command irisfix as Python functions.

In tests, write a mark and take a fixture::

    @pytest.mark.dat_fixture("orders", scope="class")
    def test_total(dat_fixture_connection): ...

In programs, use the loader, the creator and the validator; code that was written for the fixtures of iris-devtester runs
with this import in its place::

    from irisfix import DATFixtureLoader
    DATFixtureLoader("sqlite:app.db").load_fixture("fixtures/orders")

Everything is done by the program irisfix, which this package looks for in the environment variable IRISFIX_BINARY, in its
own wheel, and on PATH. Every failure is an exception of irisfix.errors whose text says what went wrong and how to fix it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, List

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .creator import FixtureCreator as FixtureCreator
    from .errors import *  # noqa: F403
    from .loaded import LoadedFixture as LoadedFixture
    from .loader import DATFixtureLoader as DATFixtureLoader
    from .loader import FixtureLoader as FixtureLoader
    from .manifest import FixtureManifest as FixtureManifest
    from .manifest import TableInfo as TableInfo
    from .results import LoadResult as LoadResult
    from .results import ValidationResult as ValidationResult
    from .validator import FixtureValidator as FixtureValidator

_ERRORS = (
    "FixtureError", "FixtureValidationError", "FixtureLoadError", "FixtureCreateError", "ChecksumMismatchError",
    "IrisfixError", "NotFound", "ChecksumMismatch", "TableNotFound", "ConnectionFailed", "LoadFailed", "RegistryUnavailable",
    "Unauthorized", "PinViolation", "FixtureInvalid", "TargetConflict", "RollbackFailed", "LocalIO", "NotCached", "Usage",
    "Internal", "Interrupted",
)
_HOMES = {
    "DATFixtureLoader": "loader", "FixtureLoader": "loader", "FixtureCreator": "creator", "FixtureValidator": "validator",
    "FixtureManifest": "manifest", "TableInfo": "manifest", "LoadResult": "results", "ValidationResult": "results",
    "LoadedFixture": "loaded", **{name: "errors" for name in _ERRORS},
}
__all__ = [*_HOMES]  # noqa: PLE0604

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Imports what is asked for only then: the plugin is loaded by every run of pytest, also where no test uses it."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
