"""The databases of a test session: which there are, who has which, and when they go."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence, Tuple

import pytest

from . import kept
from .errors import IrisfixError
from .loaded import Fixture, LoadedFixture
from .marks import Wanted, locate
from .sandbox import Sandbox
from .target import Given

# How much of the name of a test is told to the process: parameters can make it longer than a request may be.
_LABEL = 1000

_Key = Tuple[str, ...]


class Databases:
    """Opens databases and remembers those that tests share."""

    def __init__(self, sandbox: Sandbox, given: Given, root: Path, folder: Callable[[], Path], keep: bool) -> None:
        self._sandbox, self._given, self._root, self._keep = sandbox, given, root, keep
        self._folder = folder  # where the databases are; made when it is first asked for
        self._shared: Dict[Any, Dict[_Key, Dict[str, Any]]] = {}  # by node
        self._placed: Dict[str, Path] = {}  # by digest

    def of(self, item: pytest.Item, want: Wanted) -> LoadedFixture:
        """The database of a test, alone or shared with others of its class, module or session."""
        __tracebackhide__ = True
        start = item.path.parent
        names = list(dict.fromkeys(locate(name, start, self._root) for name in want.fixtures))
        told = self._in_node(_node(item, want.scope), names, item.nodeid)
        return self._view(told, names.index(locate(want.closest, start, self._root)))

    def _in_node(self, node: Any, names: Sequence[str], label: str) -> Dict[str, Any]:
        __tracebackhide__ = True
        there = self._shared.setdefault(node, {})
        for lost in [key for key, told in there.items() if not self._has(told)]:
            del there[lost]
        key = tuple(names)
        if key not in there and there:
            there.update({key: there[same] for same in self._same(there, names)})
        if key not in there:
            there[key] = told = self.open(names, label)
            if len(there) == 1:
                node.addfinalizer(lambda: self._shared.pop(node, None))
            node.addfinalizer(lambda: self._close_alone(told))
        return there[key]

    def _same(self, there: Dict[_Key, Dict[str, Any]], names: Sequence[str]) -> List[_Key]:
        """The keys under which the same content is there already by other names, such as a reference beside a pin."""
        __tracebackhide__ = True
        fetched = self._sandbox.ask("fetch", fixtures=list(names))["fetched"]["fixtures"]
        digests = [f["digest"] for f in fetched]
        return [key for key, told in there.items() if [f["digest"] for f in told["fixtures"]] == digests]

    def open(self, names: Sequence[str], label: str) -> Dict[str, Any]:
        """A new database."""
        __tracebackhide__ = True
        told = self._sandbox.ask("open", fixtures=list(names), dir=str(self._folder()), keep=self._keep,
                                 label=label[:_LABEL].encode("utf-8", "replace").decode())["sandbox"]
        assert isinstance(told, dict)
        told["asked"], told["process"] = list(names), self._sandbox.process
        if self._keep:
            kept.note(self._folder(), told, label)
        return told

    def close(self, told: Dict[str, Any]) -> None:
        """Takes a database away, unless it is to be kept. Those of a process that has died are told of once, by the request
        that found it dead."""
        __tracebackhide__ = True
        if self._has(told):
            self._sandbox.ask("close", sandbox=told["name"])

    def _has(self, told: Dict[str, Any]) -> bool:
        """Whether the process is still the one that has made the database: the next one takes away what is left."""
        return told["process"] is self._sandbox.process

    def _close_alone(self, told: Dict[str, Any]) -> None:
        try:
            self.close(told)
        except IrisfixError as e:
            e.alone = True
            raise

    def _view(self, told: Dict[str, Any], closest: int) -> LoadedFixture:
        fixtures = [Fixture(name, f, self._root, self._place) for name, f in zip(told["asked"], told["fixtures"])]
        return LoadedFixture(told, fixtures, closest, self._given)

    def _place(self, name: str, digest: str) -> Path:
        """The files of a bundle, which are put into a folder once a session."""
        __tracebackhide__ = True
        if digest not in self._placed:
            wanted_dir = self._folder() / "fixtures" / digest.replace(":", "-")
            self._placed[digest] = Path(self._sandbox.ask("place", fixture=name, dir=str(wanted_dir))["placed"]["path"])
        return self._placed[digest]

    def __call__(self, *names: "str | os.PathLike[str]") -> "Opened":
        """``with dat_fixture_factory("orders") as fixture``: for fixtures of your own, of any scope. Relative directories
        are looked for from the folder of the calling file upwards to rootdir."""
        caller = sys._getframe(1)
        file = Path(caller.f_code.co_filename)
        return Opened(self, [locate(os.fspath(name), file.parent, self._root) for name in names], f"{file}:{caller.f_lineno}")


class Opened:
    """A database for the time of a ``with``."""

    def __init__(self, databases: Databases, names: Sequence[str], label: str) -> None:
        self._databases, self._names, self._label = databases, names, label

    def __enter__(self) -> LoadedFixture:
        __tracebackhide__ = True
        self._told = self._databases.open(self._names, self._label)
        self._view = self._databases._view(self._told, 0)
        return self._view

    def __exit__(self, *_: object) -> None:
        __tracebackhide__ = True
        self._view.close()
        self._databases.close(self._told)


def _node(item: pytest.Item, scope: str) -> Any:
    """Whose end is the end of the database. Outside of a class the scope class is that of the function, as in pytest."""
    if scope == "session":
        return item.session
    kind = {"class": pytest.Class, "module": pytest.Module}.get(scope)
    return (item.getparent(kind) if kind else None) or item
