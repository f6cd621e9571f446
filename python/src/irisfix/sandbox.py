"""The process that makes databases for tests: ``irisfix sandbox``. It reads a JSON object a line and answers each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any, Callable, Deque, Dict, List, Mapping, Optional, Sequence
from weakref import WeakSet

from . import binary, command
from .errors import IrisfixError
from .streams import Events, listen
from .target import Given

# A wait that is longer is said, also where output is captured.
_LONG = 1.0  # seconds

# How many lines of a request are looked at to see why the process has ended.
_REMEMBERED = 1000

# How long what was said may take longer than the answer that was given after it.
_BEHIND = 0.1  # seconds

class Sandbox:
    """A process that is started when it is first asked, and ends when it is closed or its standard input is: whatever
    happens to this process, what was made is taken away. It is safe for several threads, which take turns.

    ``show`` gets the lines that the process says: at once if ``loud``, else those of waits that become long, which are
    announced. What it did not get goes with an error.
    """

    def __init__(self, args: Sequence[str], given: Given, cwd: Path, show: Optional[Callable[[str], None]], loud: bool) -> None:
        self._args, self._given, self._cwd = list(args), given, cwd
        self._show, self._loud = show, loud
        self._lock = threading.RLock()
        self._process: Optional["subprocess.Popen[str]"] = None
        self._number = 0
        self._waiting = False  # for an answer
        self._events = Events()
        self._refused: Optional[IrisfixError] = None
        self._lines: List[str] = []
        self._said: "Deque[str]" = deque(maxlen=_REMEMBERED)  # the last lines, seen or not
        _all.add(self)

    @property
    def process(self) -> object:
        """Stands for the process that has what was opened; None if there is none."""
        return self._process

    def ask(self, request: str, **body: Any) -> Dict[str, Any]:
        """Sends a request and waits for its answer. Raises what the process answers in its place."""
        __tracebackhide__ = True
        with self._lock:
            if self._process and self._process.poll() is not None:
                raise self._ended()
            self._lines = []
            self._said.clear()
            if not self._process:
                self._start()
            self._number, self._waiting = self._number + 1, True
            about = ", ".join(body.get("fixtures", ())) or request
            line = json.dumps({"id": self._number, request: body})
            assert self._process and self._process.stdin
            with suppress(OSError):  # it has ended: the wait says how
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()
            answer = self._wait(self._number, about)
            self._waiting = False
            if "error" in answer:
                self._hear()
                error = command.error_of(answer["error"])
                error.said = self._lines
                raise error
            return answer

    def close(self) -> None:
        """Lets the process take everything away and waits until it has. Raises its error if it could not. What it is still
        asked for, since Ctrl-C has ended the wait, is given up."""
        __tracebackhide__ = True
        with self._lock:
            process, self._process = self._process, None
            if process is None:
                return
            assert process.stdin
            with suppress(OSError):
                process.stdin.close()
            if self._waiting:
                process.terminate()
            code = process.wait()
            said = self._drain()
        if code != 0 and not self._waiting:
            raise command.failure(subprocess.CompletedProcess(process.args, code, "", said))

    def _start(self) -> None:
        __tracebackhide__ = True
        if self._refused:
            raise self._refused.with_traceback(None)  # a server that was not there is not waited for again by every test
        self._waiting = False
        program = binary.find()
        try:
            self._process = self._launch(program)
            self._events = listen(self._process)
            self._wait(None, "irisfix")
        except IrisfixError as e:
            self._refused = e
            raise

    def _launch(self, program: str) -> "subprocess.Popen[str]":
        __tracebackhide__ = True
        # Out of reach of Ctrl-C, which is for pytest: that closes standard input when it is done.
        alone: Dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            alone = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        try:
            return subprocess.Popen(
                [program, "sandbox", *self._args, "--json", "--progress", "plain"], cwd=self._cwd, env={**os.environ, **self._given.environment},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", **alone)
        except OSError as e:
            failed = binary.unfit(program, e)
        raise failed

    def leave(self) -> None:
        """Has nothing to do with the process any more, which is that of the parent of this one. It waits for the end of its
        standard input, so no copy of that is kept."""
        process, self._process = self._process, None
        self._lock, self._waiting = threading.RLock(), False
        if process and process.stdin:
            process.stdin.close()
            process.returncode = 0  # nobody waits for it here

    def _wait(self, number: Optional[int], about: str) -> Dict[str, Any]:
        """The answer to a request, or without a number the first line of the process."""
        __tracebackhide__ = True
        long = time.monotonic() + _LONG
        announced = False
        ended = 0
        while ended < 2:
            try:
                kind, value = self._events.get(timeout=_LONG / 4)
            except Empty:
                kind, value = "", None
            if kind == "line":
                self._lines.append(value)
                self._said.append(value)
            elif kind == "answer" and (_is_for(value, number) if number is not None else value.get("ready")):
                return dict(value)
            elif kind == "end":
                ended += 1
            if self._show and not announced and time.monotonic() >= long:
                announced = True
                self._lines.insert(0, f"waiting for {about}")
            if (self._loud or announced) and not ended:
                self._say()
        raise self._ended()

    def _ended(self) -> IrisfixError:
        """Why the process has ended by itself. The next request starts another one."""
        process, self._process = self._process, None
        assert process and process.stdin
        with suppress(OSError):
            process.stdin.close()
        code = process.wait()
        return command.failure(subprocess.CompletedProcess(process.args, code, "", "\n".join(self._said)))

    def _hear(self) -> None:
        """Takes what was said before an answer and has not come through yet: it came by another pipe."""
        with suppress(Empty):
            while True:
                kind, value = self._events.get(timeout=_BEHIND)
                if kind == "line":
                    self._lines.append(value)

    def _say(self) -> None:
        """Shows the lines, up to the object with which a process ends that cannot go on."""
        while self._show and self._lines and not self._lines[0].startswith('{"error":'):
            self._show(self._lines.pop(0))

    def _drain(self) -> str:
        """What the process said last. Both its streams have ended."""
        lines, ended = [], 0
        while ended < 2:
            kind, value = self._events.get()
            ended += kind == "end"
            if kind == "line":
                lines.append(value)
        return "\n".join(lines)


_all: "WeakSet[Sandbox]" = WeakSet()


def _forked() -> None:
    """A child that a test has forked may live longer than pytest, and has all its open files."""
    for sandbox in list(_all):
        sandbox.leave()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _is_for(answer: Mapping[str, Any], number: int) -> bool:
    """Whether it is the answer to this request. One that was too long to be read had no number."""
    return answer.get("id") == number or answer.get("id") is None and "error" in answer
