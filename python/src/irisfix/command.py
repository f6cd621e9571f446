"""Runs a command of irisfix and reads its JSON."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any, Dict, Mapping, Optional, Sequence

from . import binary
from .errors import Internal, IrisfixError, from_object

_OURS = ("--json", "--progress", "none")
_LAST_LINES = 10


def run(args: Sequence[str], env: Optional[Mapping[str, str]] = None) -> Dict[str, Any]:
    """Runs a command to its end and returns the object that it prints with --json. ``env`` is added to the environment.

    Raises the exception of the class that the command tells.
    """
    __tracebackhide__ = True
    done = finish(args, env)
    if done.returncode != 0:
        raise failure(done)
    return parse(done)


def finish(args: Sequence[str], env: Optional[Mapping[str, str]] = None) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end, whatever that is."""
    return subprocess.run([binary.find(), *args, *_OURS], capture_output=True, encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL,
                          env={**os.environ, **(env or {})}, check=False)


def parse(done: "subprocess.CompletedProcess[str]") -> Dict[str, Any]:
    """The object that a command has printed."""
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def failure(done: "subprocess.CompletedProcess[str]") -> IrisfixError:
    """The error with which a command has ended. Its number alone says nothing: a crash of the program has one too."""
    start = done.stderr.find("{\n")
    while start >= 0:
        try:
            error = from_object(json.loads(done.stderr[start:])["error"])
            error.steps = [(do, run.replace(f" {' '.join(_OURS)}", "")) for do, run in error.steps]  # they are no flags of the user's
            return error
        except (ValueError, KeyError, TypeError):
            start = done.stderr.find("{\n", start + 1)
    return crash(done.returncode, done.stderr)


def crash(code: int, stderr: str) -> Internal:
    """The program has ended in a way that it does not know itself."""
    how = f"killed by signal {-code}" if code < 0 else f"it ended with exit code {code}"
    last = stderr.strip().splitlines()[-_LAST_LINES:]
    return Internal("irisfix", [f"the program ended without saying why: {how}", *last],
                    [("Run it by hand and look", "irisfix doctor"), "Report it with the lines above, please"], {"exit_code": code})
