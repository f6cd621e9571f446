"""How Python connects to a database: with sqlite3, or with the official driver of InterSystems IRIS where it is installed."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping

from .errors import ConnectionFailed, Usage
from .target import Given, Server, no_target, server_of

if TYPE_CHECKING:
    import sqlite3

_TIMEOUT = 10  # seconds for connecting

# The settings file of the driver: TLS 1.2 and 1.3. VerifyPeer 1 refuses what the authorities do not vouch for, 0 takes all.
_TLS = "[irisfix]\nTLSMinVersion=16\nTLSMaxVersion=32\nVerifyPeer={verify}\nVerifyHost={verify}\nCAfile={ca}\n"


def connect(given: Given, **options: Any) -> Any:
    """Opens the database that is meant; options go to sqlite3 or the driver."""
    __tracebackhide__ = True
    kind, _, path = given.url.partition(":")
    if kind == "sqlite":
        return open_sqlite(path, **options)
    if kind != "iris":
        raise no_target("it is neither a SQLite database nor an InterSystems IRIS")
    return open_iris(server_of(given.url), given, **options)


def open_sqlite(path: "os.PathLike[str] | str", **options: Any) -> "sqlite3.Connection":
    """Opens a SQLite database that exists, with foreign keys enforced."""
    __tracebackhide__ = True
    import sqlite3

    connection: sqlite3.Connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=rw", uri=True, **options)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def open_iris(server: Server, given: Given, **options: Any) -> Any:
    """Connects by DB-API; options go to the driver.

    Raises Usage if the driver is not installed, and ConnectionFailed with what the driver says. Its own traceback would show
    the password, with pytest's --showlocals.
    """
    __tracebackhide__ = True
    driver = _driver()
    try:
        return _connect(driver.connect, server, given, options)
    except Exception as e:
        url = f"iris://{server.user}@{server.host}:{server.port}/{server.namespace}"
        said = " ".join(f"{type(e).__name__}: {e}".split())
        failed = ConnectionFailed(url, ["the driver intersystems-irispython could not connect", said],
                                  [("See where each setting comes from", f"irisfix doctor {url}")], {"target": url})
    raise failed


def _connect(connect: Any, server: Server, given: Given, options: Mapping[str, Any]) -> Any:
    login = {"hostname": server.host, "port": server.port, "namespace": server.namespace, "username": server.user,
             "password": given.password, "timeout": _TIMEOUT, "sharedmemory": False}
    if server.tls not in ("on", "skip-verify") or "sslconfig" in options:
        return connect(**{**login, **options})
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "settings.ini"
        return _with_settings(settings, server, lambda: connect(**{**login, "sslconfig": "irisfix", **options}))


def _driver() -> Any:
    __tracebackhide__ = True
    module: Any = None
    with suppress(ImportError):
        module = import_module("iris")
    if not hasattr(module, "connect"):
        what = "the driver for InterSystems IRIS is not installed" if module is None else (
            "the module iris that is installed is another one than the driver for InterSystems IRIS")
        raise Usage("dat_fixture_connection", [what], [("Install the driver", "pip install intersystems-irispython"),
                                                       "Or connect with a driver of yours, to what dat_fixture.target names"])
    return module


def _with_settings(file: Path, server: Server, connect: Any) -> Any:
    """Connects while the driver's environment variable names a settings file of ours: it takes TLS from no argument."""
    import ssl

    ca = server.ca or ssl.get_default_verify_paths().cafile or ""
    file.write_text(_TLS.format(verify=0 if server.tls == "skip-verify" else 1, ca=ca), encoding="utf-8")
    before = os.environ.get("ISC_SSLconfigurations")
    os.environ["ISC_SSLconfigurations"] = str(file)
    try:
        return connect()
    finally:
        if before is None:
            del os.environ["ISC_SSLconfigurations"]
        else:
            os.environ["ISC_SSLconfigurations"] = before
