"""The plugin for pytest: the mark ``dat_fixture``, and the fixtures that go with it.

It is loaded by every run of pytest, so it imports what a test needs only when one does.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generator, List

import pytest

from . import settings
from .errors import IrisfixError, Usage
from .marks import NAME, wanted

if TYPE_CHECKING:
    from .databases import Databases
    from .loaded import LoadedFixture

MARK = f'{NAME}(*fixtures, scope="function"): a database of its own with these fixtures: names in irisfix.lock, directories or references'


def pytest_addoption(parser: pytest.Parser) -> None:
    settings.declare(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARK)
    if settings.flag(config, "keep"):
        config.stash[settings.KEEP_IN] = settings.keep_in(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker of pytest-xdist keeps its databases where this process looks for them."""
    if settings.KEEP_IN in node.config.stash:
        node.workerinput["irisfix_keep_in"] = str(node.config.stash[settings.KEEP_IN])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tells wrong marks before any test runs."""
    try:
        wanted(metafunc.definition)
    except Usage as e:
        raise pytest.Collector.CollectError(str(e)) from None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: List[pytest.Item]) -> None:
    """A test with the mark gets its database, whether it asks for the fixture or not."""
    marked = [item for item in items if item.get_closest_marker(NAME)]
    for item in marked:
        names = getattr(item, "fixturenames", None)
        if names is not None and NAME not in names:
            item.fixturenames = [*names, NAME]  # type: ignore[attr-defined]  # the list is shared by the parameters of a test
    if marked and settings.flag(config, "required") and not config.getoption("collectonly"):
        from .run import of

        if not of(config).fetch_all(marked):
            items[:] = []  # nothing runs, in no worker of pytest-xdist either


@pytest.fixture(scope="session")
def dat_fixture_factory(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> "Databases":
    """Opens databases for fixtures of your own, of any scope: ``with dat_fixture_factory("orders") as fixture: ...``"""
    from .run import of

    return of(pytestconfig).databases(tmp_path_factory)


@pytest.fixture
def dat_fixture(request: pytest.FixtureRequest, dat_fixture_factory: "Databases") -> Generator["LoadedFixture", None, None]:
    """The database that the marks of the test ask for: its ``path``, ``manifest``, ``target``, ``connect()``, …"""
    __tracebackhide__ = True
    try:
        want = wanted(request.node)
        if want is None:
            raise Usage(request.node.nodeid, ["the test takes dat_fixture or dat_fixture_connection, and no mark says which fixture"],
                        ['Name it in a mark: @pytest.mark.dat_fixture("orders")', "Or use dat_fixture_factory, which takes the name as its argument"])
        fixture = dat_fixture_factory.of(request.node, want)
    except IrisfixError as e:
        e.alone = True
        raise
    with fixture:
        yield fixture


@pytest.fixture
def dat_fixture_connection(dat_fixture: "LoadedFixture") -> Any:
    """A connection to that database, of sqlite3 or of the driver for InterSystems IRIS. It is closed after the test."""
    __tracebackhide__ = True
    try:
        return dat_fixture.connect()
    except IrisfixError as e:
        e.alone = True
        raise


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(call: "pytest.CallInfo[None]") -> Generator[None, Any, None]:
    outcome = yield
    if call.excinfo and isinstance(call.excinfo.value, IrisfixError):
        from .run import tell

        tell(call.excinfo, outcome.get_result())


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if settings.KEEP_IN in config.stash:
        from .kept import lines

        kept = lines(config.stash[settings.KEEP_IN])
        if kept:
            terminalreporter.section("irisfix: databases that were kept")
        for line in kept:
            terminalreporter.write_line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    if settings.KEEP_IN in config.stash and not hasattr(config, "workerinput"):
        with suppress(OSError):  # it is empty only if nothing was kept
            config.stash[settings.KEEP_IN].rmdir()
