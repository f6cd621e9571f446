"""What can go wrong: one exception for each class of error that the command irisfix has.

The text of an exception is what the command prints: what went wrong, and how to fix it. Programs go by the class, or by
``class_name``, which is the contract; the words may change.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Type, Union

# How many things that are wrong the text lists; the rest is counted. The command does the same.
_MOST_LINES = 20

# Commands and advice up to this width stand side by side.
_MOST_WIDTH = 100

# What a terminal acts upon, and halves of surrogate pairs, which cannot be printed.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

# An advice, alone or with the command that follows it.
Advice = Union[str, Tuple[str, str]]


class FixtureError(Exception):
    """All errors of this package."""


class FixtureValidationError(FixtureError):
    """A fixture is not what its manifest says, or not a fixture."""


class FixtureLoadError(FixtureError):
    """A fixture could not be loaded."""


class FixtureCreateError(FixtureError):
    """A fixture could not be made."""


class ChecksumMismatchError(FixtureValidationError):
    """Bytes do not match their checksum."""


class IrisfixError(FixtureLoadError, FixtureCreateError):
    """An error of the command, or one that is told in the same form.

    ``subject`` is what it is about, ``what`` says what went wrong and ``fix`` how to fix it, line by line; ``steps`` is
    ``fix`` with advice and command apart; ``detail`` holds facts for programs and may be empty. ``code`` is the exit code of
    the command for this class.
    """

    class_name = "internal"
    code = 70
    alone = False  # raised to pytest by its plugin: a traceback would show nobody's code but ours
    said: Sequence[str] = ()  # what irisfix said before it, and nobody was shown

    def __init__(
        self,
        subject: str = "",
        what: Sequence[str] = (),
        fix: Sequence[Advice] = (),
        detail: Optional[Mapping[str, Any]] = None,
        code: Optional[int] = None,
        class_name: str = "",
    ) -> None:
        super().__init__(subject)
        self.subject = subject
        self.what: List[str] = list(what)
        self.steps: List[Tuple[str, str]] = [(step, "") if isinstance(step, str) else step for step in fix]
        self.detail: Dict[str, Any] = dict(detail or {})
        self.code = type(self).code if code is None else code
        self.class_name = class_name or type(self).class_name

    @property
    def fix(self) -> List[str]:
        """How to fix it, a line a step."""
        return [f"{do}: {run}" if run else do for do, run in self.steps]

    def __str__(self) -> str:
        words = self.class_name.replace("-", " ")
        lines = [f"irisfix: {words}: {one_line(self.subject)}", "", "What went wrong:"]
        lines += [f"  {one_line(line)}" for line in self.what[:_MOST_LINES]]
        if len(self.what) > _MOST_LINES:
            lines.append(f"  and {len(self.what) - _MOST_LINES} more")
        return "\n".join([*lines, "", "How to fix it:", *_columns(self.steps)])

    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), (self.subject, self.what, self.steps, self.detail, self.code, self.class_name)


def one_line(text: str) -> str:
    """Makes text from outside fit for one line of a terminal, as the command does."""
    return _UNFIT.sub(lambda found: " " if found[0] < "\ud800" else "\ufffd", text)


def _columns(steps: Sequence[Tuple[str, str]]) -> List[str]:
    """Numbers the steps, and puts each command behind its advice, in a column, or below it if that is too wide."""
    steps = [(one_line(do), one_line(run)) for do, run in steps]
    do = max((len(do) for do, run in steps if run), default=0)
    wide = do + max((len(run) for _, run in steps), default=0) > _MOST_WIDTH
    lines = []
    for number, (advice, run) in enumerate(steps, 1):
        if not run:
            lines.append(f"  {number}. {advice}")
        elif wide:
            lines += [f"  {number}. {advice}:", f"       {run}"]
        else:
            lines.append(f"  {number}. {advice + ':':<{do + 1}}  {run}")
    return lines


class NotFound(IrisfixError, FixtureValidationError):
    """There is no such fixture, name, tag or digest."""

    class_name, code = "not-found", 1


class ChecksumMismatch(IrisfixError, ChecksumMismatchError):
    """Bytes do not match their digest, or a listed file is absent."""

    class_name, code = "checksum-mismatch", 2


class TableNotFound(IrisfixError):
    """A table that was asked for is not in the fixture or the database."""

    class_name, code = "table-not-found", 3


class ConnectionFailed(IrisfixError):
    """The database cannot be opened, or refused the login."""

    class_name, code = "connection-failed", 4


class LoadFailed(IrisfixError):
    """A load or create failed and was undone, or a known query was not as expected."""

    class_name, code = "load-failed", 5


class RegistryUnavailable(IrisfixError):
    """The registry cannot be reached, or keeps failing."""

    class_name, code = "registry-unavailable", 6


class Unauthorized(IrisfixError):
    """The registry answers 401 or 403."""

    class_name, code = "unauthorized", 7


class PinViolation(IrisfixError):
    """Not pinned in a frozen run, or a pinned tag has moved."""

    class_name, code = "pin-violation", 8


class FixtureInvalid(IrisfixError, FixtureValidationError):
    """A manifest, lock file or .DAT is malformed, or of a later format."""

    class_name, code = "fixture-invalid", 9


class TargetConflict(IrisfixError):
    """What is there already is in the way, and was left as it is."""

    class_name, code = "target-conflict", 10


class RollbackFailed(IrisfixError):
    """A load failed and could not be undone, or its outcome is not known."""

    class_name, code = "rollback-failed", 11


class LocalIO(IrisfixError):
    """The disk is full, not writable, or locked."""

    class_name, code = "local-io", 12


class NotCached(IrisfixError):
    """Offline, and not in the cache."""

    class_name, code = "not-cached", 13


class Usage(IrisfixError):
    """Wrong arguments, marks or settings."""

    class_name, code = "usage", 64


class Internal(IrisfixError):
    """A defect in irisfix."""

    class_name, code = "internal", 70


class Interrupted(IrisfixError):
    """Stopped by a signal; what was begun was undone. ``code`` is 130 for SIGINT and 143 for SIGTERM."""

    class_name, code = "interrupted", 130


CLASSES: Dict[str, Type[IrisfixError]] = {c.class_name: c for c in IrisfixError.__subclasses__()}


def from_object(told: Mapping[str, Any]) -> IrisfixError:
    """Makes an exception of the error object that the command prints with ``--json``. A class that a later irisfix has,
    and this package does not know, becomes an IrisfixError with that ``class_name``."""
    name = str(told["class"])
    return CLASSES.get(name, IrisfixError)(
        str(told.get("subject", "")),
        told.get("what") or (),
        [(step["do"], step["run"]) for step in told["steps"]] if "steps" in told else told.get("fix") or (),
        told.get("detail") or {},
        int(told["code"]),
        name,
    )
