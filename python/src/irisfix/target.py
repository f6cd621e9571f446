"""Which database is meant. No text that comes from here has a password in it."""

from __future__ import annotations

import os
from typing import Any, Dict, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit

from .errors import Usage

_DEFAULT_PORT = 1972
_DEFAULT_NAMESPACE = "USER"
_DEFAULT_USER = "_SYSTEM"
_DEFAULT_PASSWORD = "SYS"


class Server(NamedTuple):
    """Where an InterSystems IRIS is, and who asks."""

    host: str
    port: int
    namespace: str
    user: str
    tls: str = ""  # on or skip-verify; anything else is none
    ca: str = ""  # file with certificate authorities, besides the system's


def url_of(config: Any) -> str:
    """The TARGET that a configuration means: a TARGET, or anything with host, port, namespace, username and password.
    Nothing (None) is whatever the environment names, as for the command, and gives an empty text."""
    __tracebackhide__ = True
    if config is None or isinstance(config, str):
        return config or ""
    missing = [name for name in ("host", "port", "namespace", "username", "password") if not hasattr(config, name)]
    if missing:
        raise no_target(f"{type(config).__name__} has no {', '.join(missing)}")
    login = f"{quote(config.username, safe='')}:{quote(config.password, safe='')}"
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"iris://{login}@{host}:{config.port}/{quote(config.namespace, safe='')}"


def no_target(what: str) -> Usage:
    """The error for a configuration that means no database."""
    return Usage("connection_config", [what], ["Give a target such as 'sqlite:app.db' or 'iris://user@host:1972/USER'",
                                               "Or an object with host, port, namespace, username and password",
                                               "Or None for what the environment names"])


def from_environment() -> str:
    """The target that the environment names, as far as it can be known without asking the machine."""
    named = os.environ.get("IRISFIX_TARGET")
    if named:
        return named
    host = os.environ.get("IRIS_HOST") or os.environ.get("IRIS_HOSTNAME") or "localhost"
    return f"iris://{host}:{os.environ.get('IRIS_PORT') or _DEFAULT_PORT}/"


def server_of(url: str) -> Server:
    """Takes an iris:// URL apart; what it leaves out comes from the environment, as for the command."""
    __tracebackhide__ = True
    u = urlsplit(url)
    query = parse_qs(u.query)
    try:
        port = u.port or _DEFAULT_PORT
    except ValueError:
        raise no_target("the port in the iris:// URL is none") from None
    return Server(
        u.hostname or "localhost",
        port,
        unquote(u.path.strip("/")) or os.environ.get("IRIS_NAMESPACE") or _DEFAULT_NAMESPACE,
        unquote(u.username or "") or os.environ.get("IRIS_USERNAME") or _DEFAULT_USER,
        query.get("tls", [""])[0],
        query.get("ca", [""])[0],
    )


class Given:
    """A TARGET as it was given, with the password that it may have, or an empty text for what the environment names when it
    is asked. The password is in no representation of it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __repr__(self) -> str:
        return "<target>"

    @property
    def environment(self) -> Dict[str, str]:
        """How a command is told the target: not in its arguments, where everybody on the machine could read the password."""
        return {"IRISFIX_TARGET": self._url} if self._url else {}

    @property
    def url(self) -> str:
        """The TARGET, with the password that it may have."""
        return self._url or from_environment()

    @property
    def is_iris(self) -> bool:
        return self.url.startswith("iris:")

    @property
    def password(self) -> str:
        """The password in the URL, else the one in the environment, else that of a new container."""
        url = self._url or os.environ.get("IRISFIX_TARGET", "")
        found = urlsplit(url).password if url.startswith("iris:") else None
        return unquote(found) if found else os.environ.get("IRIS_PASSWORD") or _DEFAULT_PASSWORD


def given(config: Any, container: Any = None) -> Given:
    """The target of a connection configuration, else of a container, which is anything with get_config()."""
    __tracebackhide__ = True
    if config is None and container is not None:
        config = container.get_config()
    return Given(url_of(config))
