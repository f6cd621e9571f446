"""What the marks of a test ask for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, List, NamedTuple, Optional, Tuple

from .errors import Usage

if TYPE_CHECKING:
    import pytest

NAME = "dat_fixture"
SCOPES = ("function", "class", "module", "session")  # narrowest first


class Wanted(NamedTuple):
    """The fixtures of a database, outermost mark first, and how long it lives: as the narrowest scope of the marks says.
    ``closest`` is the fixture that the closest mark names (first)."""

    fixtures: Tuple[str, ...]
    scope: str
    closest: str


def wanted(node: "pytest.Item") -> Optional[Wanted]:
    """What the marks of a test, of its class and of its module want together; None if there is none.

    Raises Usage if a mark is wrong.
    """
    marks = [read(m, node.nodeid) for m in node.iter_markers(NAME)]
    if not marks:
        return None
    names: List[str] = [name for fixtures, _ in reversed(marks) for name in fixtures]
    scope = min((scope for _, scope in marks), key=SCOPES.index)
    return Wanted(tuple(dict.fromkeys(names)), scope, marks[0][0][0])


def read(mark: "pytest.Mark", where: str) -> Tuple[Tuple[str, ...], str]:
    """The fixtures and the scope of one mark."""
    given = dict(mark.kwargs)
    scope = given.pop("scope", SCOPES[0])
    if given:
        raise _wrong(where, f"it has no argument {', '.join(map(str, given))}")
    if scope not in SCOPES:
        raise _wrong(where, f"there is no scope {scope!r}; there are {', '.join(SCOPES)}")
    if not mark.args:
        raise _wrong(where, "it names no fixture")
    for name in mark.args:
        if not isinstance(name, (str, os.PathLike)) or not os.fspath(name):
            raise _wrong(where, f"{name!r} is no name of a fixture")
    return tuple(str(os.fspath(name)) for name in mark.args), scope


def _wrong(where: str, what: str) -> Usage:
    return Usage(where, [f"the mark dat_fixture is wrong: {what}"],
                 ['Name fixtures, and how long their database lives: @pytest.mark.dat_fixture("orders", scope="class")'])


def locate(name: str, start: Path, root: Path) -> str:
    """Makes a relative directory absolute: it is looked for from the folder of the test upwards to rootdir. Names in the
    lock file and references stay as they are."""
    if name.startswith("~") or os.path.isabs(name):
        return os.path.expanduser(name)
    explicit = name.startswith((".", "\\"))
    if not explicit and "/" not in name and "\\" not in name:
        return name
    folder = start
    while True:
        if (folder / name).is_dir():
            return os.path.normpath(folder / name)
        if folder == root or folder.parent == folder:
            break
        folder = folder.parent
    return os.path.normpath(start / name) if explicit else name
