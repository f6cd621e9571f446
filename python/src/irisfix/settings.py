"""What the options of pytest say: on the command line, and in pytest.ini or pyproject.toml."""

from __future__ import annotations

from pathlib import Path
from typing import List, NamedTuple

import pytest

from .target import Given

KEEP_IN = pytest.StashKey[Path]()  # where databases that are kept lie

_FLAGS = {
    "offline": "touch no network (IRISFIX_OFFLINE)",
    "frozen": "take only what irisfix.lock pins (IRISFIX_FROZEN)",
    "keep": "leave the databases, and print how to look into and remove them",
    "required": "fetch and verify all fixtures before the first test, and run none if one is missing",
}
_VALUES = {
    "target": ("TARGET", "sqlite (default), iris, or iris://USER@HOST:1972/NAMESPACE (IRISFIX_TARGET, IRIS_*)"),
    "lock_file": ("FILE", "lock file; by default irisfix.lock in rootdir or above it"),
}


def declare(parser: pytest.Parser) -> None:
    """Adds the options."""
    group = parser.getgroup("irisfix", "database fixtures (irisfix)")
    for name, (metavar, text) in _VALUES.items():
        group.addoption(f"--irisfix-{name.replace('_', '-')}", metavar=metavar, default=None, help=text)
        parser.addini(f"irisfix_{name}", text, default="")
    for name, text in _FLAGS.items():
        group.addoption(f"--irisfix-{name}", action="store_true", default=False, help=text)
        parser.addini(f"irisfix_{name}", text, type="bool", default=False)


def flag(config: pytest.Config, name: str) -> bool:
    """A setting that is on or off."""
    return bool(config.getoption(f"irisfix_{name}") or config.getini(f"irisfix_{name}"))


class Settings(NamedTuple):
    """How the process irisfix is started. The target is in its environment, since it may hold a password."""

    args: List[str]
    given: Given


def read(config: pytest.Config) -> Settings:
    """Reads what pytest was told. A lock file on the command line is relative to where pytest was started, one in a file
    of settings to that file."""
    args: List[str] = []
    target = str(config.getoption("irisfix_target") or config.getini("irisfix_target") or "")
    if target.startswith("iris:"):
        args += ["--to", "iris"]
    elif target:
        args += ["--to", target]
    here, there = config.getoption("irisfix_lock_file"), config.getini("irisfix_lock_file")
    if here:
        args += ["--lock-file", str(config.invocation_params.dir / here)]
    elif there:
        args += ["--lock-file", str((config.inipath.parent if config.inipath else config.rootpath) / there)]
    args += [f"--{name}" for name in ("offline", "frozen") if flag(config, name)]
    return Settings(args, Given(target if target.startswith("iris:") else ""))


def loud(config: pytest.Config) -> bool:
    """Whether what irisfix says is to be seen at once: output is not captured (-s)."""
    return bool(config.getoption("capture", "no") == "no")


def keep_in(config: pytest.Config) -> Path:
    """The folder for databases that are kept. pytest sweeps its own temporary folders, so it is not in there. With
    pytest-xdist all workers use that of the process which started them."""
    import tempfile

    given = getattr(config, "workerinput", {}).get("irisfix_keep_in")
    return Path(given or tempfile.mkdtemp(prefix="irisfix-kept-"))
