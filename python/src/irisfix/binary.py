"""Where the program irisfix is."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from .errors import LocalIO

_NAME = "irisfix.exe" if sys.platform == "win32" else "irisfix"
_BUNDLED = Path(__file__).parent / "_bin" / _NAME
# The advice where there is no program, or none that will do.
INSTALL = ("Install it", "go install github.com/irisfix/irisfix/cmd/irisfix@latest")


def find() -> str:
    """Returns the path of the program: what IRISFIX_BINARY says, else the one in this wheel, else the one on PATH.

    Raises LocalIO if there is none.
    """
    __tracebackhide__ = True
    named = os.environ.get("IRISFIX_BINARY")
    if named:
        found = shutil.which(named)
        if not found:
            raise LocalIO(named, ["IRISFIX_BINARY names it, and there is no such program"],
                          ["Name the program irisfix, or unset IRISFIX_BINARY", INSTALL])
        return os.path.abspath(found)
    if _BUNDLED.exists():
        return str(_BUNDLED)
    on_path = shutil.which("irisfix")
    if not on_path:
        raise LocalIO("irisfix", ["the program irisfix, which does the work, is not on PATH, and this package came without it"],
                      [INSTALL, ("Or name it", "export IRISFIX_BINARY=/path/to/irisfix"),
                       ("Or take a wheel that brings it", "pip install --only-binary :all: pytest-irisfix")])
    return os.path.abspath(on_path)


def unfit(program: str, error: OSError) -> LocalIO:
    """The error for a program that is there and cannot be started, such as one for another system or machine."""
    where = "" if error.filename in (None, program) else f": {error.filename}"
    return LocalIO(program, [f"it cannot be started: {error.strerror}{where}"], ["Take one for this system and machine", INSTALL])
