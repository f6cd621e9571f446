"""Runs a command of irisfix and reads its JSON."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from contextlib import suppress
from typing import Any, Dict, Mapping, Optional, Sequence

from . import binary
from .errors import Internal, IrisfixError, Usage, from_object

_OURS = ("--json", "--progress", "none")
_LAST_LINES = 10


def run(args: Sequence[str], env: Optional[Mapping[str, str]] = None) -> Dict[str, Any]:
    """Runs a command to its end and returns the object that it prints with --json. ``env`` is added to the environment.

    Raises the exception of the class that the command tells.
    """
    __tracebackhide__ = True
    done = finish(args, env)
    told = parse(done)
    if done.returncode != 0 or told is None:
        raise failure(done)
    return told


def finish(args: Sequence[str], env: Optional[Mapping[str, str]] = None) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end, whatever that is."""
    __tracebackhide__ = True
    program = binary.find()
    try:
        return subprocess.run([program, *args, *_OURS], capture_output=True, encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL,
                              env={**os.environ, **(env or {})}, check=False)
    except OSError as e:
        failed = binary.unfit(program, e)
    raise failed


def parse(done: "subprocess.CompletedProcess[str]") -> Optional[Dict[str, Any]]:
    """The object that a command has printed, if it has."""
    with suppress(ValueError):
        answer = json.loads(done.stdout)
        return answer if isinstance(answer, dict) else None
    return None


def failure(done: "subprocess.CompletedProcess[str]") -> IrisfixError:
    """The error with which a command has ended. Its number alone says nothing: a crash of the program has one too."""
    last = done.stderr.rstrip("\n").rpartition("\n")[2]
    try:
        return _fitting(error_of(json.loads(last)["error"]), done.args[0])
    except (ValueError, KeyError, TypeError):
        return _crash(done.args[0], done.returncode, done.stderr)


def error_of(told: Mapping[str, Any]) -> IrisfixError:
    """The error that the program tells, for somebody who has not typed the command: without what only this package types."""
    error = from_object(told)
    error.steps = [(do, _by_hand(run)) for do, run in error.steps]
    return error


def _by_hand(run: str) -> str:
    if run.startswith("irisfix sandbox") and not run.endswith("--help"):
        return ""
    return run.replace(f" {' '.join(_OURS)}", "")


def _fitting(error: IrisfixError, program: str) -> IrisfixError:
    """What the program does not know is no mistake of the user's."""
    if isinstance(error, Usage) and any(line.startswith(("there is no command ", "unknown flag: ")) for line in error.what):
        error.what.append(f"{program} is of another version than this package needs")
        error.steps = [binary.INSTALL]
    return error


def _crash(program: str, code: int, stderr: str) -> Internal:
    """The program has ended in a way that it does not know itself, or is another one than irisfix."""
    how = f"killed by signal {-code}" if code < 0 else f"it ended with exit code {code}"
    last = stderr.strip().splitlines()[-_LAST_LINES:]
    return Internal(program, [f"the program ended without saying why: {how}", *last],
                    [("Run it by hand and look", f"{shlex.quote(program)} doctor"), "Report it with the lines above, please"], {"exit_code": code})
