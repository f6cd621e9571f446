"""Databases that are left for somebody who wants to look into them. Each is noted in a file, so that those of a process
that has died are told too."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, Dict, List
from urllib.parse import urlencode

_NOTE = ".kept.json"


def note(folder: Path, told: Dict[str, Any], label: str) -> None:
    """Writes down a database that will be kept."""
    facts = {"label": label, "look": look(told), "name": told["name"], "server": server(told)}
    (folder / f"{told['name']}{_NOTE}").write_text(json.dumps(facts), encoding="utf-8")


def look(told: Dict[str, Any]) -> str:
    """How to look into a database."""
    if told["target"].startswith("sqlite:"):
        return f"sqlite3 {shlex.quote(told['path'])}"
    schemas = ", ".join(f"{there} (for {here or 'no schema'})" for here, there in told["schemas"].items())
    return f"{told['target']}" + (f", schemas {schemas}" if schemas else f", namespace {told['namespace']}")


def server(told: Dict[str, Any]) -> str:
    """The server that a database is on, for a command line: all but the password. Empty for SQLite. A namespace is dropped
    from another one, such as USER, which every server has."""
    if told["target"].startswith("sqlite:"):
        return ""
    url, _, home = str(told["target"]).rpartition("/")
    query = {k: told[k] for k in ("tls", "ca") if told.get(k) not in (None, "", "off")}
    return f"{url}/{home if told['schemas'] else 'USER'}" + ("?" + urlencode(query) if query else "")


def lines(folder: Path) -> List[str]:
    """What there is in a folder, a line each, and how to be rid of it."""
    notes = [json.loads(f.read_text(encoding="utf-8")) for f in sorted(folder.glob(f"*{_NOTE}"), key=lambda f: f.stat().st_mtime_ns)]
    return [f"{n['label']}: {n['look']}" for n in notes] + [f"remove all: {removal(notes, folder)}"] * bool(notes)


def removal(notes: List[Dict[str, Any]], folder: Path) -> str:
    """The command line that removes what was kept, for a shell."""
    there: Dict[str, List[str]] = {}
    for n in notes:
        if n["server"]:
            there.setdefault(n["server"], []).append(n["name"])
    commands = [f"irisfix sandbox remove {' '.join(names)} --to {shlex.quote(url)}" for url, names in there.items()]
    return " && ".join(commands + [f"rm -r {shlex.quote(str(folder))}"])
