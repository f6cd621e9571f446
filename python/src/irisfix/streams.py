"""What a process says, as it comes."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import suppress
from queue import Queue
from typing import IO, Any, Tuple

Events = Queue[Tuple[str, Any]]  # ("answer", object), ("line", text), and at the end of each stream ("end", None)


def listen(process: "subprocess.Popen[str]") -> Events:
    """Reads both streams to their ends, and closes them."""
    events = Events()
    for read, stream in ((_answers, process.stdout), (_lines, process.stderr)):
        threading.Thread(target=read, args=(stream, events), name="irisfix", daemon=True).start()
    return events


def _answers(stream: IO[str], events: Events) -> None:
    with stream:
        for line in stream:
            value = None
            with suppress(ValueError):
                value = json.loads(line)
            events.put(("answer", value) if isinstance(value, dict) else ("line", line.rstrip("\n")))
    events.put(("end", None))


def _lines(stream: IO[str], events: Events) -> None:
    with stream:
        for line in stream:
            events.put(("line", line.rstrip("\n")))
    events.put(("end", None))
