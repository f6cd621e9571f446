"""Whole processes, timed from spawn to exit, two sides in turns."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median


SPAWN = Path(__file__).with_name("spawn.py")


class StepFailed(Exception):
    """A command did not do what it should."""


@dataclass
class Command:
    argv: list
    cwd: Path | None = None
    env: dict = field(default_factory=dict)  # besides the environment of all commands
    stdin: Path | None = None
    stdout: Path | None = None  # where its data goes; else it is kept for an error message


@dataclass
class Sample:
    seconds: float
    rss: int  # peak, bytes
    cpu: float = 0  # seconds of processor, of itself and of what it waited for


@dataclass
class Side:
    """One of the two that are compared. prepare brings everything back to the start and is not timed; check looks
    at the result, once, after the run that is not counted."""

    name: str
    prepare: Callable[[], Command]
    check: Callable[[], None] = lambda: None


def environment() -> dict:
    """The environment of every command: nobody's settings, no credentials."""
    drop = ("IRISFIX_", "IRIS_", "ORAS_", "GITHUB_", "DOCKER_", "SQLITE_", "GOMAXPROCS", "GODEBUG")
    return {k: v for k, v in os.environ.items() if not k.startswith(drop)} | {"DOCKER_CONFIG": "/nonexistent"}


def run(command: Command, scratch: Path) -> Sample:
    result, out, err = scratch / "result", command.stdout or scratch / "stdout", scratch / "stderr"
    argv = [str(a) for a in command.argv]
    env = environment() | {k: str(v) for k, v in command.env.items()}
    with open(command.stdin or os.devnull, "rb") as i, open(out, "wb") as o, open(err, "wb") as e:
        spawn = [sys.executable, "-I", "-S", SPAWN, result, *argv]
        subprocess.run(spawn, cwd=command.cwd, env=env, stdin=i, stdout=o, stderr=e, check=True)
    code, seconds, kib, cpu = result.read_text().split()
    if code != "0":
        said = err.read_text(errors="replace")[-2000:] or out.read_text(errors="replace")[-2000:]
        raise StepFailed(f"{' '.join(argv)[:300]}: exit {code}\n{said}")
    return Sample(float(seconds), int(kib) * 1024, float(cpu))


def take_turns(sides: list[Side], runs: int, scratch: Path) -> dict[str, list[Sample]]:
    """Runs A B A B … so that noise hits both alike. The first round warms up and is checked; it is not counted."""
    samples = {s.name: [] for s in sides}
    for i in range(runs + 1):
        for side in sides:
            command = side.prepare()
            os.sync()  # what the run before left to be written is not this one's
            sample = run(command, scratch)
            if i == 0:
                side.check()
            else:
                samples[side.name].append(sample)
    return samples


def seconds(samples: list[Sample]) -> float:
    return median(s.seconds for s in samples)


def cpu(samples: list[Sample]) -> float:
    return median(s.cpu for s in samples)


def peak(samples: list[Sample]) -> int:
    return max(s.rss for s in samples)
