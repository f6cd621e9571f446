"""What belongs to one run of pytest, or to one worker of pytest-xdist: the process irisfix and the databases."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable, Iterator, List, Optional, Set

import pytest

from . import settings
from .databases import Databases
from .errors import IrisfixError
from .marks import locate, wanted
from .sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path


def of(config: pytest.Config) -> "Run":
    """The run, which begins when it is first asked for, and ends with pytest."""
    if _RUN not in config.stash:
        config.stash[_RUN] = Run(config)
        config.add_cleanup(config.stash[_RUN].close)
    return config.stash[_RUN]


class Run:
    """The process and the databases."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._settings = settings.read(config)
        self.sandbox = Sandbox(self._settings.args, self._settings.given, config.rootpath, _teller(config), settings.loud(config))
        self._databases: Optional[Databases] = None

    def databases(self, tmp_path_factory: pytest.TempPathFactory) -> Databases:
        """The databases, in a temporary folder of pytest, or where they are kept."""
        if self._databases is None:
            keep = self._config.stash.get(settings.KEEP_IN, None)
            folder = _once(lambda: keep or tmp_path_factory.mktemp("irisfix"))
            self._databases = Databases(self.sandbox, self._settings.given, self._config.rootpath, folder, keep is not None)
        return self._databases

    def fetch_all(self, items: List[pytest.Item]) -> bool:
        """Fetches and verifies the fixtures of all tests. What is missing is told as an error of the collection, which
        ends the run before its first test. The process ends: a fixture of the session may yet say where the server is."""
        asked: Set[str] = set()
        failed = False
        for item in items:
            for e in self._fetch(item, asked):
                failed = True
                report = pytest.CollectReport(item.nodeid, "failed", str(e), [])
                self._config.hook.pytest_collectreport(report=report)
        self.close()
        return not failed

    def _fetch(self, item: pytest.Item, asked: Set[str]) -> Iterator[IrisfixError]:
        """Fetches what a test wants and was not asked for yet. Gives what is missing, or wrong with its marks: those of a
        parameter, or of a unittest.TestCase, nobody has looked at before."""
        try:
            want = wanted(item)
        except IrisfixError as e:
            yield e
            return
        for name in want.fixtures if want else ():
            where = locate(name, item.path.parent, self._config.rootpath)
            if where in asked:
                continue
            asked.add(where)
            try:
                self.sandbox.ask("fetch", fixtures=[where])
            except IrisfixError as e:
                yield e

    def close(self) -> None:
        """Ends the process, which takes away what is left, and tells it if that failed."""
        try:
            self.sandbox.close()
        except IrisfixError as e:
            print(e, file=sys.stderr)


_RUN = pytest.StashKey[Run]()


def _once(make: "Callable[[], Path]") -> "Callable[[], Path]":
    made: List["Path"] = []

    def get() -> "Path":
        if not made:
            made.append(make())
        return made[0]

    return get


def _teller(config: pytest.Config) -> Optional[Callable[[str], None]]:
    """Writes a line to the terminal, past pytest's capture. Workers of pytest-xdist, whose terminal nobody sees, stay
    quiet."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    capture: Any = config.pluginmanager.get_plugin("capturemanager")
    if not reporter or not capture or hasattr(config, "workerinput"):
        return None

    def tell(line: str) -> None:
        with capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(f"irisfix: {line}")

    return tell


def tell(error: "pytest.ExceptionInfo[BaseException]", report: Any) -> None:
    """Shows an error as its text alone where a traceback would be ours, with what irisfix said before it."""
    assert isinstance(error.value, IrisfixError)
    if error.value.alone:
        report.longrepr = error.getrepr(style="value", tbfilter=False, chain=False)
    if error.value.said:
        report.sections.append(("irisfix", "\n".join(error.value.said)))
